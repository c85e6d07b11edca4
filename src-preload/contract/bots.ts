import * as z from "zod";
import { timeframeSchema } from "./time.ts";
import type { Timeframe } from "./time.ts";
import type { TickReport } from "./ticks.ts";

const botIdSchema = z.string().min(1).max(64);
const botIdsSchema = z.array(botIdSchema).min(1).max(5000);

/** When a bot ticks: a grid from its start on, a while after each candle's close, or a calendar. */
const botScheduleSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("interval") }),
  z.strictObject({ kind: z.literal("candle_close"), offsetMs: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal("cron"), expression: z.string(), zone: z.string() }),
]);

/** What a trader configures; kept in ledger.db as it is here. */
export const botConfigSchema = z.strictObject({
  name: z.string().trim().min(1, "Name is empty; give the bot a name.").max(60),
  strategy: z.string().min(1),
  /** ccxt unified symbol, e.g. "BTC/USDT". */
  symbol: z
    .string()
    .regex(
      /^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}$/,
      'Symbol must look like "BTC/USDT": base, slash, quote, in capitals.',
    ),
  timeframe: timeframeSchema,
  /** Quote currency. */
  capital: z.number().positive("Capital must be above 0.").max(1e9),
  /** Share of the bot's capital in one position, 0..1; at most a quarter. */
  positionShare: z
    .number()
    .gt(0, "Position size must be above 0.")
    .max(0.25, "Position size is at most 25 % of the bot's capital (0.25)."),
  allowShort: z.boolean(),
  /** Defaults are those of rows stored before a bot had a schedule of its own. */
  schedule: botScheduleSchema.default({ kind: "interval" }),
  /** A start later than this after its fire time is a misfire, ms; null for unlimited. */
  graceMs: z
    .number()
    .int()
    .min(1, "Grace time must be above 0 ms, or none; the house's default is 60 s.")
    .nullable()
    .default(60_000),
  /** Several due fire times become one run, for the latest. */
  coalesce: z.boolean().default(true),
  /** A tick that takes longer is cancelled, ms; null for no limit. */
  runLimitMs: z.number().int().min(1).nullable().default(120_000),
  /** Nothing is due for so long after the bot was started, ms; absent for none. Used from the next start on. */
  startOffsetMs: z.number().int().min(0).max(31_536_000_000).optional(),
  /** No fire times after this instant, ms UTC; the bot stops with its last one. Absent for no end. */
  endAt: z.number().int().optional(),
  /** Parameters of the strategy, checked against its own schema. */
  params: z.record(z.string(), z.unknown()),
});
export type BotConfig = z.infer<typeof botConfigSchema>;

/** What the trader asked for; kept in the store and resumed after a restart. */
export type BotStatus = "stopped" | "running" | "paused";

/** How the bot is, told by its dot. */
export type BotHealth =
  | "on_time"
  | "warming_up"
  | "overdue"
  | "error"
  | "paused"
  | "stopped"
  | "waiting";

export type PositionState = "FLAT" | "OPENING" | "OPEN" | "CLOSING" | "CLOSED";
export type Side = "long" | "short";

export interface BotPosition {
  readonly state: PositionState;
  readonly side: Side | null;
  /** Base currency, unsigned. */
  readonly quantity: number;
  readonly entryPrice: number | null;
  readonly entryTime: number | null;
  readonly stopPrice: number | null;
  readonly lastPrice: number | null;
  /** Quote currency. */
  readonly unrealisedPnl: number;
}

/** One row of the fleet table. Times are ms UTC on the engine's clock; money in quote currency. */
export interface BotView {
  readonly id: string;
  readonly config: BotConfig;
  readonly status: BotStatus;
  readonly health: BotHealth;
  /** One sentence that explains the dot. */
  readonly healthReason: string;
  readonly nextFireTime: number | null;
  readonly runningSince: number | null;
  readonly lastTick: TickReport | null;
  readonly ticks: number;
  readonly position: BotPosition;
  readonly equity: number;
  readonly realisedPnl: number;
  readonly pnlToday: number;
  readonly pnlTotal: number;
  readonly feesPaid: number;
  readonly trades: number;
  readonly createdAt: number;
}

/** One field of a strategy's form, read from its zod schema. */
export interface ParamField {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly unit: string;
  readonly kind: "integer" | "number" | "boolean" | "choice";
  readonly default: number | boolean | string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly choices?: readonly string[];
}

export interface StrategyView {
  readonly id: string;
  readonly title: string;
  /** The rule in two or three sentences. */
  readonly summary: string;
  readonly source: string;
  readonly defaultTimeframe: Timeframe;
  readonly fields: readonly ParamField[];
  /** Markets' metrics the strategy reads; without them it does not enter. */
  readonly metrics: readonly string[];
}

/** What happened to each of many bots in one action. */
export interface BulkOutcome {
  readonly done: number;
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

export const botRequests = {
  "bots:list": z.void(),
  "bots:get": z.strictObject({ id: botIdSchema }),
  "bots:strategies": z.void(),
  /** Symbols the chosen market source can trade, sorted. */
  "bots:symbols": z.void(),
  /** When a bot of this schedule would tick; a schedule that makes no sense is refused with the field at fault. */
  "bots:preview-schedule": z.strictObject({
    schedule: botScheduleSchema,
    timeframe: timeframeSchema,
    endAt: z.number().int().optional(),
  }),
  "bots:create": z.strictObject({ config: botConfigSchema }),
  "bots:update": z.strictObject({ id: botIdSchema, config: botConfigSchema }),
  "bots:delete": z.strictObject({ ids: botIdsSchema }),
  "bots:start": z.strictObject({ ids: botIdsSchema }),
  "bots:stop": z.strictObject({ ids: botIdsSchema }),
  "bots:pause": z.strictObject({ ids: botIdsSchema }),
  "bots:resume": z.strictObject({ ids: botIdsSchema }),
  /** Closes the open positions of these bots at the last closed candle's price; the bots go on as they are. */
  "bots:close": z.strictObject({ ids: botIdsSchema }),
  /** Creates the 45 bots of the reference fleet that do not exist yet; optionally starts them. */
  "bots:create-preset": z.strictObject({ preset: z.literal("reference"), start: z.boolean() }),
} as const;

export interface BotResponses {
  "bots:list": readonly BotView[];
  "bots:get": BotView;
  "bots:strategies": readonly StrategyView[];
  "bots:symbols": readonly string[];
  /** The next five fire times from now on, ms UTC, ascending; fewer where the end date comes before. */
  "bots:preview-schedule": readonly number[];
  "bots:create": BotView;
  "bots:update": BotView;
  "bots:delete": BulkOutcome;
  "bots:start": BulkOutcome;
  "bots:stop": BulkOutcome;
  "bots:pause": BulkOutcome;
  "bots:resume": BulkOutcome;
  "bots:close": BulkOutcome;
  "bots:create-preset": { readonly created: number; readonly existing: number };
}

export interface BotEvents {
  /** Bots that changed since the last batch (at most 10 batches a second) and ids that are gone. */
  "bots:changed": { readonly bots: readonly BotView[]; readonly removed: readonly string[] };
}
