import { Link } from "wouter";
import type { BotRisk, RiskEventView } from "../../../src-preload/contract/risk.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { Empty } from "../../components/Message.tsx";
import { formatMoney, formatNumber, formatShare, plural, UNKNOWN } from "../../format/numbers.ts";
import { formatDateTime, formatTime } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import { ACTION_WORDS, KIND_WORDS, refusingLayer } from "./words.ts";
import classes from "./risk.module.css";

const BOTS_SHOWN = 50;

/** Bots by drawdown from their peak. */
export function BotRiskTable({ bots }: { readonly bots: readonly BotRisk[] }) {
  const zone = useZone();
  if (bots.length === 0) return <Empty title="No bots yet" height={64} />;
  return (
    <div className={classes.scroll}>
      <table className="table" data-testid="bot-risk">
        <thead>
          <tr>
            <th>Bot</th>
            <th className="num">Equity, USDT</th>
            <th className="num">From peak, %</th>
            <th className="num">Lost today, %</th>
            <th className="num">Half-Kelly</th>
            <th>Cooldown</th>
          </tr>
        </thead>
        <tbody>
          {bots.slice(0, BOTS_SHOWN).map((bot) => (
            <tr key={bot.botId}>
              <td>
                <Link href={`/bots/${encodeURIComponent(bot.botId)}`}>{bot.botName}</Link>
              </td>
              <td className="num">{formatMoney(bot.equity)}</td>
              <td className="num">{formatNumber(bot.drawdownPct, 2)}</td>
              <td className="num">{formatNumber(bot.dayLossPct, 2)}</td>
              <td className="num">
                {bot.halfKelly === null ? (
                  <span className="dim">{plural(bot.trades, "trade")}</span>
                ) : bot.halfKelly <= 0 ? (
                  <span className="tone-warn">no edge</span>
                ) : (
                  formatShare(bot.halfKelly)
                )}
              </td>
              <td>
                {bot.cooldownUntil === null ? UNKNOWN : `to ${formatTime(bot.cooldownUntil, zone)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Entries that a layer refused, newest first. */
export function RefusalTable({ ticks }: { readonly ticks: readonly TickReport[] }) {
  const zone = useZone();
  if (ticks.length === 0) {
    return (
      <Empty title="No entry was refused" height={64}>
        A refused entry is listed here with the layer and its figures.
      </Empty>
    );
  }
  return (
    <div className={classes.scroll}>
      <table className="table" data-testid="refusals">
        <thead>
          <tr>
            <th>Tick</th>
            <th>Bot</th>
            <th>Layer</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {ticks.map((tick) => (
            <tr key={tick.id}>
              <td>
                <Link href={`/bots/${encodeURIComponent(tick.botId)}/ticks/${tick.fireTime}`}>
                  {formatDateTime(tick.fireTime, zone)}
                </Link>
              </td>
              <td>{tick.botName}</td>
              <td>{refusingLayer(tick)}</td>
              <td className="wrap">{tick.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What happened to breakers and switches, newest first. */
export function HistoryTable({ events }: { readonly events: readonly RiskEventView[] }) {
  const zone = useZone();
  if (events.length === 0) return <Empty title="Nothing has happened yet" height={64} />;
  return (
    <div className={classes.scroll}>
      <table className="table" data-testid="risk-history">
        <thead>
          <tr>
            <th>Time</th>
            <th>What</th>
            <th>Why, and your note</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => (
            <tr key={`${event.time} ${event.kind} ${event.action} ${index}`}>
              <td>{formatDateTime(event.time, zone)}</td>
              <td>
                {KIND_WORDS[event.kind]} {ACTION_WORDS[event.action]}
              </td>
              <td className="wrap selectable">
                {event.reason}
                {event.note === "" ? null : <div className="dim">“{event.note}”</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
