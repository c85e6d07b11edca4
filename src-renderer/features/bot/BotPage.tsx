import { Button } from "@mantine/core";
import { ArrowLeft, Copy, LogOut, Pause, Pencil, Play, Square, Trash2 } from "lucide-react";
import { Link } from "wouter";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import { Card } from "../../components/Card.tsx";
import { Conditions, rulesOf } from "../../components/Conditions.tsx";
import { Empty, Loading } from "../../components/Message.tsx";
import { GraceHint } from "../../components/GraceHint.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { Pnl } from "../../components/Pnl.tsx";
import { Facts } from "../../components/SidePanel.tsx";
import { StateDot } from "../../components/StateDot.tsx";
import { actOnBots } from "../../components/bot-actions.tsx";
import { isApplicable, VERBS } from "../../components/bot-verbs.ts";
import {
  formatMoney,
  formatMs,
  formatPrice,
  formatQuantity,
  formatShare,
  UNKNOWN,
} from "../../format/numbers.ts";
import { formatDateTime, formatSpan } from "../../format/time.ts";
import { HEALTH_WORD, POSITION_WORD, REGIME_WORD, tickTone, tickWord } from "../../format/words.ts";
import { strategyTitle, useBots } from "../../state/bots.ts";
import { useCountdown } from "../../state/clock.ts";
import { useZone } from "../../state/settings.ts";
import { scheduleText } from "../bot-form/schedule-model.ts";
import { openBotForm } from "../bot-form/form-store.ts";
import { BotChart, BotEquity, BotTicks, BotTrades } from "./BotParts.tsx";
import classes from "./bot.module.css";

const ICONS = {
  start: <Play size={14} aria-hidden="true" />,
  pause: <Pause size={14} aria-hidden="true" />,
  resume: <Play size={14} aria-hidden="true" />,
  stop: <Square size={14} aria-hidden="true" />,
  close: <LogOut size={14} aria-hidden="true" />,
} as const;

const VERB_ORDER = ["close", "start", "pause", "resume", "stop"] as const;

function Actions({ bot }: { readonly bot: BotView }) {
  return (
    <>
      {VERB_ORDER.filter((verb) => isApplicable(verb, bot)).map((verb) => (
        <Button
          key={verb}
          variant="default"
          leftSection={ICONS[verb]}
          onClick={() => actOnBots(verb, [bot])}
          data-testid={`bot-${verb}`}
        >
          {VERBS[verb].button ?? VERBS[verb].verb}
        </Button>
      ))}
      <Button
        variant="default"
        leftSection={<Pencil size={14} aria-hidden="true" />}
        onClick={() => openBotForm({ mode: "edit", bot })}
        data-testid="bot-edit"
      >
        Edit
      </Button>
      <Button
        variant="default"
        leftSection={<Copy size={14} aria-hidden="true" />}
        onClick={() => openBotForm({ mode: "clone", bot })}
        data-testid="bot-clone"
      >
        Clone
      </Button>
      <Button
        variant="default"
        leftSection={<Trash2 size={14} aria-hidden="true" />}
        onClick={() => actOnBots("delete", [bot])}
        data-testid="bot-delete"
      >
        {VERBS.delete.verb}
      </Button>
    </>
  );
}

function Why({ bot }: { readonly bot: BotView }) {
  const zone = useZone();
  const tick = bot.lastTick;
  if (!tick) return <p className="dim">No tick yet: the first one tells here what was weighed.</p>;
  return (
    <>
      <p className="selectable" style={{ marginBottom: 8 }}>
        <b className={`tone-${tickTone(tick)}`}>{tickWord(tick)}</b>: {tick.error ?? tick.reason}
      </p>
      <Conditions conditions={tick.conditions} of={rulesOf(tick)} />
      <Facts
        facts={[
          ["Fire time", formatDateTime(tick.fireTime, zone)],
          ["Took", `${formatMs(tick.durationMs)} ms, ${formatMs(tick.latenessMs)} ms late`],
          ["Price", formatPrice(tick.price)],
          ["Regime", tick.regime ? REGIME_WORD[tick.regime] : "–"],
          ["Confidence", formatShare(tick.confidence, 0)],
        ]}
      />
    </>
  );
}

function State({ bot }: { readonly bot: BotView }) {
  const zone = useZone();
  const next = useCountdown(bot.nextFireTime);
  const { position } = bot;
  const held = position.side !== null;
  return (
    <Facts
      facts={[
        ["State", HEALTH_WORD[bot.health]],
        ["Next tick", next],
        ["Ticks", String(bot.ticks)],
        ["Equity", formatMoney(bot.equity)],
        ["Today", <Pnl key="today" value={bot.pnlToday} />],
        ["Total", <Pnl key="total" value={bot.pnlTotal} />],
        ["Fees paid", formatMoney(bot.feesPaid)],
        [
          "Position",
          held
            ? `${position.side} ${formatQuantity(position.quantity)}, ${POSITION_WORD[position.state]}`
            : "flat",
        ],
        ...(held
          ? ([
              ["Entry", formatPrice(position.entryPrice)],
              ["Since", formatDateTime(position.entryTime, zone)],
              ["Stop", formatPrice(position.stopPrice)],
              ["Last price", formatPrice(position.lastPrice)],
              ["Unrealised", <Pnl key="unrealised" value={position.unrealisedPnl} />],
            ] as const)
          : []),
      ]}
    />
  );
}

function Parameters({ bot }: { readonly bot: BotView }) {
  const zone = useZone();
  const strategies = useBots((s) => s.strategies);
  const strategy = strategies.find(({ id }) => id === bot.config.strategy);
  const { config } = bot;
  const show = (value: unknown): string => {
    if (typeof value === "boolean") return value ? "on" : "off";
    return typeof value === "number" || typeof value === "string" ? String(value) : UNKNOWN;
  };
  return (
    <Facts
      facts={[
        ["Capital", formatMoney(config.capital)],
        ["Position size", formatShare(config.positionShare, 0)],
        ["Schedule", scheduleText(config)],
        ["Grace time", config.graceMs === null ? "however late" : formatSpan(config.graceMs)],
        ["Run limit", config.runLimitMs === null ? "none" : formatSpan(config.runLimitMs)],
        ...(config.startOffsetMs === undefined
          ? []
          : ([["Starts after", formatSpan(config.startOffsetMs)]] as const)),
        ...(config.endAt === undefined
          ? []
          : ([["End date", formatDateTime(config.endAt, zone)]] as const)),
        ["Short positions", config.allowShort ? "allowed" : "not allowed"],
        ...(strategy?.fields.map(
          (field) =>
            [
              field.label,
              `${show(config.params[field.key] ?? field.default)}${field.unit === "" ? "" : ` ${field.unit}`}`,
            ] as const,
        ) ?? []),
      ]}
    />
  );
}

function Loaded({ bot, tick }: { readonly bot: BotView; readonly tick: number | null }) {
  const strategies = useBots((s) => s.strategies);
  return (
    <div className="page" data-testid="page-bot" data-bot-id={bot.id}>
      <PageHeader
        title={
          <>
            <Link href="/" className={classes.back} aria-label="Back to the fleet">
              <ArrowLeft size={16} />
            </Link>
            <StateDot health={bot.health} reason={bot.healthReason} />
            {bot.config.name}
          </>
        }
        note={
          <span className="ellipsis" title={bot.healthReason}>
            {bot.config.symbol}, {bot.config.timeframe},{" "}
            {strategyTitle(strategies, bot.config.strategy)}
          </span>
        }
      >
        <Actions bot={bot} />
      </PageHeader>
      <div className="page-body">
        <div className={classes.grid}>
          <div className={classes.column}>
            <BotChart bot={bot} />
            <BotTicks bot={bot} tick={tick} />
            <BotTrades bot={bot} />
          </div>
          <div className={classes.column}>
            <Card title={HEALTH_WORD[bot.health]}>
              {bot.healthReason === bot.lastTick?.reason ? null : (
                <p className="selectable dim" style={{ marginBottom: 8 }}>
                  {bot.healthReason}
                </p>
              )}
              <GraceHint bot={bot} />
              <State bot={bot} />
            </Card>
            <Card title="Why: last tick">
              <Why bot={bot} />
            </Card>
            <BotEquity bot={bot} />
            <Card title="Parameters">
              <Parameters bot={bot} />
            </Card>
          </div>
        </div>
      </div>
    </div>
  );
}

interface BotPageProps {
  readonly id: string;
  /** Fire time of the tick to open, ms UTC. */
  readonly tick?: number;
}

export default function BotPage({ id, tick }: BotPageProps) {
  const bot = useBots((s) => s.byId.get(id));
  const loaded = useBots((s) => s.loaded);
  if (bot) return <Loaded bot={bot} tick={tick ?? null} />;
  return (
    <div className="page" data-testid="page-bot">
      <PageHeader title="Bot" />
      {loaded ? (
        <Empty
          title="There is no such bot"
          actions={
            <Button component={Link} href="/" variant="default">
              Open the fleet
            </Button>
          }
        >
          It may have been deleted. Its orders and fills stay in the ledger, under Positions.
        </Empty>
      ) : (
        <Loading />
      )}
    </div>
  );
}
