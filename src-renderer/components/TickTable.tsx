import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import type { TickReport } from "../../src-preload/contract/ticks.ts";
import { formatMs, formatNumber, formatPrice, formatShare, plural } from "../format/numbers.ts";
import { formatDateTime } from "../format/time.ts";
import { OUTCOME_WORD, REGIME_WORD, RESULT_WORD, tickTone } from "../format/words.ts";
import { useZone } from "../state/settings.ts";
import { Conditions, rulesOf } from "./Conditions.tsx";
import { Facts } from "./SidePanel.tsx";
import classes from "./tick-table.module.css";

function TickStory({ tick }: { readonly tick: TickReport }) {
  const zone = useZone();
  return (
    <div className={classes.story}>
      <div>
        <h3 className="section-title">Why</h3>
        <p className="selectable">{tick.reason}</p>
        {tick.error ? <p className="tone-loss selectable">{tick.error}</p> : null}
        {tick.conditions.length > 0 ? (
          <Conditions conditions={tick.conditions} of={rulesOf(tick)} />
        ) : null}
      </div>
      <div>
        <h3 className="section-title">Steps</h3>
        {tick.steps.length === 0 ? <p className="dim">No step was run.</p> : null}
        <ol className={classes.steps}>
          {tick.steps.map((step, index) => (
            <li key={`${index} ${step.step}`}>
              <span>{step.step}</span>
              <span className="num">{formatNumber(step.ms, 2)} ms</span>
              <span className="dim selectable">{step.note}</span>
            </li>
          ))}
        </ol>
      </div>
      <div>
        <h3 className="section-title">Figures</h3>
        <Facts
          facts={[
            ["Candle", formatDateTime(tick.candleTime, zone)],
            ["Price", formatPrice(tick.price)],
            ["Regime", tick.regime ? REGIME_WORD[tick.regime] : "–"],
            ["Confidence", formatShare(tick.confidence, 0)],
            ["Engine's own time", `${formatNumber(tick.engineMs, 2)} ms`],
            ["Real lateness", `${formatMs(tick.realLatenessMs)} ms`],
            ...(tick.fireCount > 1
              ? [["Stands for", plural(tick.fireCount, "fire time")] as const]
              : []),
            ...(tick.clientOrderId
              ? [
                  [
                    "Order",
                    <span key="id" className="mono">
                      {tick.clientOrderId}
                    </span>,
                  ] as const,
                ]
              : []),
          ]}
        />
      </div>
    </div>
  );
}

interface TickTableProps {
  readonly ticks: readonly TickReport[];
  /** Names the bot in each row; off on the bot's own page. */
  readonly withBot: boolean;
  /** Id of the tick that is open at first and brought into view. */
  readonly opened?: string | null;
}

/** Ticks, newest first; a row opens to its reasons, steps and figures. */
export function TickTable({ ticks, withBot, opened: first = null }: TickTableProps) {
  const zone = useZone();
  const [opened, setOpened] = useState<ReadonlySet<string>>(
    () => new Set(first === null ? [] : [first]),
  );
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => {
    if (first !== null)
      table.current?.querySelector('[aria-expanded="true"]')?.scrollIntoView({ block: "center" });
  }, [first]);
  const toggle = (id: string): void => {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  };
  const width = withBot ? 9 : 8;
  return (
    <table ref={table} className="table" data-testid="tick-table">
      <thead>
        <tr>
          <th aria-label="Open" style={{ width: 28 }} />
          <th>Fire time</th>
          {withBot ? <th>Bot</th> : null}
          <th>Outcome</th>
          <th>Result</th>
          <th>Signal</th>
          <th className="num">Duration ms</th>
          <th className="num">Late ms</th>
          <th>Reason</th>
        </tr>
      </thead>
      <tbody>
        {ticks.map((tick) => {
          const open = opened.has(tick.id);
          return (
            <Fragment key={tick.id}>
              <tr className="clickable" onClick={() => toggle(tick.id)} data-testid="tick-row">
                <td style={{ paddingRight: 0 }}>
                  <button
                    type="button"
                    className={classes.toggle}
                    aria-expanded={open}
                    aria-label={open ? "Close the tick" : "Open the tick"}
                  >
                    {open ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
                  </button>
                </td>
                <td>{formatDateTime(tick.fireTime, zone)}</td>
                {withBot ? (
                  <td>
                    <Link
                      href={`/bots/${encodeURIComponent(tick.botId)}`}
                      className={classes.link}
                      onClick={(event) => event.stopPropagation()}
                    >
                      {tick.botName}
                    </Link>
                  </td>
                ) : null}
                <td className={tick.outcome === "ran" ? "" : `tone-${tickTone(tick)}`}>
                  {OUTCOME_WORD[tick.outcome]}
                  {tick.fireCount > 1 ? ` ×${tick.fireCount}` : ""}
                </td>
                <td className={`tone-${tickTone(tick)}`}>{RESULT_WORD[tick.result]}</td>
                <td>{tick.signal ?? <span className="dim">–</span>}</td>
                <td className="num">{formatMs(tick.durationMs)}</td>
                <td className="num">{formatMs(tick.latenessMs)}</td>
                <td className={`ellipsis dim ${classes.reason}`} title={tick.error ?? tick.reason}>
                  {tick.error ?? tick.reason}
                </td>
              </tr>
              {open ? (
                <tr>
                  <td className="wrap" colSpan={width}>
                    <TickStory tick={tick} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
