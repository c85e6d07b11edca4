import type { ReactNode } from "react";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import type { TickReport } from "../../../src-preload/contract/ticks.ts";
import { Pnl } from "../../components/Pnl.tsx";
import { StateDot } from "../../components/StateDot.tsx";
import { formatMoney, formatMs, formatQuantity, UNKNOWN } from "../../format/numbers.ts";
import { formatTime } from "../../format/time.ts";
import type { Zone } from "../../format/time.ts";
import { POSITION_WORD, tickTone, tickWord } from "../../format/words.ts";
import { useCountdown } from "../../state/clock.ts";
import type { GroupBy, SortKey } from "./rows.ts";

export interface CellContext {
  readonly zone: Zone;
  /** The strategy's title by its id. */
  readonly titleOf: (strategy: string) => string;
}

export interface Column {
  readonly key: SortKey;
  readonly label: string;
  /** What the column shows, on hover of its header. */
  readonly hint: string;
  /** Least width, px. */
  readonly width: number;
  /** Share of the room that is left over. */
  readonly grow: number;
  readonly align: "left" | "right";
  /** Shows money, and is as wide as the fleet's longest amount: a figure that is cut reads as another one. */
  readonly money?: true;
  /** Columns of the highest rank leave first where room is short; 0 stays. */
  readonly rank: number;
  readonly cell: (bot: BotView, context: CellContext) => ReactNode;
}

function NextTick({ fireTime }: { readonly fireTime: number | null }) {
  return <>{useCountdown(fireTime)}</>;
}

function PositionCell({ bot }: { readonly bot: BotView }) {
  const { position } = bot;
  if (position.side === null || position.state === "FLAT" || position.state === "CLOSED") {
    return <span className="dim">flat</span>;
  }
  return (
    <>
      <span className="spread ellipsis" style={{ textAlign: "left" }}>
        {position.side} {formatQuantity(position.quantity)}
        {position.state === "OPEN" ? null : (
          <span className="dim"> {POSITION_WORD[position.state]}</span>
        )}
      </span>
      <Pnl value={position.unrealisedPnl} />
    </>
  );
}

/** The tick's word; of a bot that warms up how far it is, whose mark has the word already: "30 of 416". */
const resultText = (bot: BotView, tick: TickReport): string =>
  (bot.health === "warming_up" ? tick.conditions[0]?.detail : undefined)?.replace(
    " closed candles",
    "",
  ) ?? tickWord(tick);

const COLUMNS: readonly Column[] = [
  {
    key: "health",
    label: "",
    hint: "State: how the bot is; hover over its mark for the reason",
    width: 22,
    grow: 0,
    align: "left",
    rank: 0,
    cell: (bot) => <StateDot health={bot.health} reason={bot.healthReason} />,
  },
  {
    key: "name",
    label: "Name",
    hint: "The bot's name",
    width: 200,
    grow: 2.5,
    align: "left",
    rank: 0,
    cell: (bot) => (
      <span className="ellipsis" title={bot.config.name} style={{ fontWeight: 500 }}>
        {bot.config.name}
      </span>
    ),
  },
  {
    key: "symbol",
    label: "Symbol",
    hint: "Market that it trades",
    width: 88,
    grow: 0.6,
    align: "left",
    rank: 3,
    cell: (bot) => bot.config.symbol,
  },
  {
    key: "strategy",
    label: "Strategy",
    hint: "Rule that decides",
    width: 176,
    grow: 2.5,
    align: "left",
    rank: 12,
    cell: (bot, { titleOf }) => (
      <span className="ellipsis dim" title={titleOf(bot.config.strategy)}>
        {titleOf(bot.config.strategy)}
      </span>
    ),
  },
  {
    key: "timeframe",
    label: "TF",
    hint: "Timeframe: length of a candle",
    width: 40,
    grow: 0.2,
    align: "right",
    rank: 4,
    cell: (bot) => <span className="dim">{bot.config.timeframe}</span>,
  },
  {
    key: "nextTick",
    label: "Next",
    hint: "Time until the next tick, on the engine's clock",
    width: 64,
    grow: 0.5,
    align: "right",
    rank: 0,
    cell: (bot) => <NextTick fireTime={bot.nextFireTime} />,
  },
  {
    key: "lastTick",
    label: "Last tick",
    hint: "When the last tick started",
    width: 68,
    grow: 0.5,
    align: "right",
    rank: 5,
    cell: (bot, { zone }) =>
      bot.lastTick ? (
        formatTime(bot.lastTick.startedAt ?? bot.lastTick.fireTime, zone)
      ) : (
        <span className="dim">{UNKNOWN}</span>
      ),
  },
  {
    key: "duration",
    label: "ms",
    hint: "Duration of the last tick, real milliseconds",
    width: 42,
    grow: 0.3,
    align: "right",
    rank: 7,
    cell: (bot) => formatMs(bot.lastTick?.durationMs),
  },
  {
    key: "lateness",
    label: "Late ms",
    hint: "Lateness of the last tick: its start minus its fire time, engine milliseconds",
    width: 60,
    grow: 0.4,
    align: "right",
    rank: 11,
    cell: (bot) => formatMs(bot.lastTick?.latenessMs),
  },
  {
    key: "result",
    label: "Result",
    hint: "What the last tick came to; hover over it for the reason",
    width: 76,
    grow: 0.8,
    align: "left",
    rank: 1,
    cell: (bot) =>
      bot.lastTick ? (
        <span
          className={`ellipsis tone-${tickTone(bot.lastTick)}`}
          title={bot.lastTick.error ?? bot.lastTick.reason}
        >
          {resultText(bot, bot.lastTick)}
        </span>
      ) : (
        <span className="dim">{UNKNOWN}</span>
      ),
  },
  {
    key: "signal",
    label: "Signal",
    hint: "Signal of the last tick",
    width: 52,
    grow: 0.5,
    align: "left",
    rank: 9,
    cell: (bot) => bot.lastTick?.signal ?? <span className="dim">{UNKNOWN}</span>,
  },
  {
    key: "position",
    label: "Position",
    hint: "Side, size in base currency and unrealised profit or loss in quote currency",
    width: 160,
    grow: 2,
    align: "right",
    rank: 0,
    cell: (bot) => <PositionCell bot={bot} />,
  },
  {
    key: "pnlToday",
    label: "Today",
    hint: "Profit or loss since 00:00 UTC, quote currency",
    width: 78,
    grow: 1,
    align: "right",
    money: true,
    rank: 2,
    cell: (bot) => <Pnl value={bot.pnlToday} />,
  },
  {
    key: "pnlTotal",
    label: "Total",
    hint: "Profit or loss since the bot was made, after fees, quote currency",
    width: 78,
    grow: 1,
    align: "right",
    money: true,
    rank: 0,
    cell: (bot) => <Pnl value={bot.pnlTotal} />,
  },
  {
    key: "equity",
    label: "Equity",
    hint: "The bot's capital with its profits and losses, quote currency",
    width: 78,
    grow: 1,
    align: "right",
    money: true,
    rank: 10,
    cell: (bot) => formatMoney(bot.equity),
  },
];

/** Width of the checkbox's and the menu's columns together with the row's padding, px. */
const FIXED_WIDTH = 28 + 28 + 12;

/** Width of the names where even the last columns have no room, px. */
const LEAST_NAME_WIDTH = 130;
const DIGIT_WIDTH = 7.5;
/** Arrow, sign, decimals and the cell's padding, px. */
const AROUND_MONEY = 50;

/** Width of the widest amount of these bots with two decimals, px. */
export function moneyWidth(bots: readonly BotView[]): number {
  let most = 0;
  for (const { equity, pnlToday, pnlTotal, position } of bots) {
    most = Math.max(
      most,
      Math.abs(equity),
      Math.abs(pnlToday),
      Math.abs(pnlTotal),
      Math.abs(position.unrealisedPnl),
    );
  }
  return Math.ceil(Math.trunc(most).toString().length * DIGIT_WIDTH) + AROUND_MONEY;
}

/**
 * The columns that fit into a width in px; what the group header already says is left out. Columns of money are at
 * least `money` px wide.
 */
export function columnsThatFit(width: number, groupBy: GroupBy, money = 0): readonly Column[] {
  let shown = COLUMNS.filter((column) => column.key !== groupBy).map((column) =>
    column.money && money > column.width ? { ...column, width: money } : column,
  );
  const needed = (): number => shown.reduce((sum, column) => sum + column.width, FIXED_WIDTH);
  while (needed() > width) {
    const next = Math.max(...shown.map((column) => column.rank));
    if (next === 0) break;
    shown = shown.filter((column) => column.rank !== next);
  }
  if (needed() > width) {
    shown = shown.map((column) =>
      column.key === "name" ? { ...column, width: LEAST_NAME_WIDTH } : column,
    );
  }
  return shown;
}

/** The grid-template-columns of header and rows. */
export const gridTemplate = (columns: readonly Column[]): string =>
  [
    "28px",
    ...columns.map(({ width, grow }) =>
      grow > 0 ? `minmax(${width}px, ${grow}fr)` : `${width}px`,
    ),
    "28px",
  ].join(" ");
