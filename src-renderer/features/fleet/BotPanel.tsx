import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { ExternalLink, LogOut } from "lucide-react";
import { useLocation } from "wouter";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import { Conditions, rulesOf } from "../../components/Conditions.tsx";
import { FailureNote, Loading } from "../../components/Message.tsx";
import { GraceHint } from "../../components/GraceHint.tsx";
import { Pnl } from "../../components/Pnl.tsx";
import { Facts, SidePanel } from "../../components/SidePanel.tsx";
import { StateDot } from "../../components/StateDot.tsx";
import { actOnBots } from "../../components/bot-actions.tsx";
import { isApplicable, VERBS } from "../../components/bot-verbs.ts";
import {
  formatMoney,
  formatMs,
  formatPrice,
  formatQuantity,
  formatShare,
} from "../../format/numbers.ts";
import { formatDateTime, formatTime } from "../../format/time.ts";
import { POSITION_WORD, REGIME_WORD, tickTone, tickWord } from "../../format/words.ts";
import { useZone } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";

function LastTick({ bot }: { readonly bot: BotView }) {
  const zone = useZone();
  const tick = bot.lastTick;
  if (!tick) return <p className="dim">No tick yet.</p>;
  return (
    <>
      <p className={tick.error ? "tone-loss selectable" : "selectable"} style={{ marginBottom: 4 }}>
        {tick.error ?? tick.reason}
      </p>
      {tick.conditions.length > 0 ? (
        <Conditions conditions={tick.conditions} of={rulesOf(tick)} />
      ) : null}
      <Facts
        facts={[
          ["Fire time", formatDateTime(tick.fireTime, zone)],
          ["Price", formatPrice(tick.price)],
          ["Regime", tick.regime ? REGIME_WORD[tick.regime] : "–"],
          ["Confidence", formatShare(tick.confidence, 0)],
        ]}
      />
    </>
  );
}

function PositionStory({ bot }: { readonly bot: BotView }) {
  const zone = useZone();
  const { position } = bot;
  if (position.side === null) return <p className="dim">Flat.</p>;
  return (
    <Facts
      facts={[
        [
          "Position",
          `${position.side} ${formatQuantity(position.quantity)}, ${POSITION_WORD[position.state]}`,
        ],
        [
          "Entry",
          `${formatPrice(position.entryPrice)} at ${formatDateTime(position.entryTime, zone)}`,
        ],
        ["Last price", formatPrice(position.lastPrice)],
        ["Stop", formatPrice(position.stopPrice)],
        ["Unrealised", <Pnl key="pnl" value={position.unrealisedPnl} />],
      ]}
    />
  );
}

/** The selected bot's story: how it is, why it did what it did, what it holds, its last ticks. */
export default function BotPanel({
  bot,
  onClose,
}: {
  readonly bot: BotView;
  readonly onClose: () => void;
}) {
  const zone = useZone();
  const [, navigate] = useLocation();
  const ticks = useRequest(
    "ticks:list",
    { botId: bot.id, limit: 12 },
    { when: bot.lastTick?.id ?? "" },
  );
  return (
    <SidePanel
      title={
        <>
          <StateDot health={bot.health} reason={bot.healthReason} />
          <span className="ellipsis">{bot.config.name}</span>
        </>
      }
      onClose={onClose}
      actions={
        <Tooltip label="Open the bot's page (Enter)">
          <ActionIcon
            onClick={() => navigate(`/bots/${encodeURIComponent(bot.id)}`)}
            aria-label="Open the bot's page"
          >
            <ExternalLink size={16} />
          </ActionIcon>
        </Tooltip>
      }
    >
      {bot.healthReason === bot.lastTick?.reason ? null : (
        <p className="selectable">{bot.healthReason}</p>
      )}
      <GraceHint bot={bot} />
      <h3 className="section-title">Why: last tick</h3>
      <LastTick bot={bot} />
      <h3 className="section-title">Position</h3>
      <PositionStory bot={bot} />
      {isApplicable("close", bot) ? (
        <Button
          variant="default"
          fullWidth
          mt={8}
          leftSection={<LogOut size={14} aria-hidden="true" />}
          onClick={() => actOnBots("close", [bot])}
          data-testid="panel-close-position"
        >
          {VERBS.close.button}
        </Button>
      ) : null}
      <h3 className="section-title">Worth</h3>
      <Facts
        facts={[
          ["Equity", formatMoney(bot.equity)],
          ["Realised", <Pnl key="pnl" value={bot.realisedPnl} />],
          ["Fees paid", formatMoney(bot.feesPaid)],
          ["Trades", String(bot.trades)],
        ]}
      />
      <h3 className="section-title">Last ticks</h3>
      {ticks.failure ? <FailureNote failure={ticks.failure} onRetry={ticks.reload} /> : null}
      {ticks.loading ? <Loading rows={4} /> : null}
      {ticks.value?.length === 0 ? <p className="dim">No ticks yet.</p> : null}
      {ticks.value && ticks.value.length > 0 ? (
        <table className="table" style={{ margin: "0 -8px", width: "calc(100% + 16px)" }}>
          <thead>
            <tr>
              <th>Fire time</th>
              <th>Result</th>
              <th className="num">ms</th>
              <th className="num">Late ms</th>
            </tr>
          </thead>
          <tbody>
            {ticks.value.map((tick) => (
              <tr key={tick.id} title={tick.error ?? tick.reason}>
                <td>{formatTime(tick.fireTime, zone)}</td>
                <td className={`tone-${tickTone(tick)}`}>{tickWord(tick)}</td>
                <td className="num">{formatMs(tick.durationMs)}</td>
                <td className="num">{formatMs(tick.latenessMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </SidePanel>
  );
}
