import type { BotConfig, BotStatus, PositionState, Side } from "../../src-preload/contract/bots.ts";
import type { OrderPurpose, OrderStatus } from "../../src-preload/contract/portfolio.ts";
import type { BreakerView, DrawdownPoint, RiskEventView } from "../../src-preload/contract/risk.ts";
import type {
  EngineEvent,
  EngineEventKind,
  TickMarks,
} from "../../src-preload/contract/schedule.ts";
import type {
  FireOutcome,
  LatencyBucket,
  TickCounts,
  TickReport,
} from "../../src-preload/contract/ticks.ts";

/**
 * What the engine asks of ledger.db. Synchronous, as SQLite is; every write is committed when the call
 * returns, or when the outermost `transaction` does. Amounts and prices are decimal strings.
 */
export interface LedgerStore {
  transaction<T>(work: () => T): T;
  readonly bots: BotRepository;
  readonly orders: OrderRepository;
  readonly positions: PositionRepository;
  readonly equity: EquityRepository;
  readonly risk: RiskRepository;
  /** Small JSON values by key (settings, clock). Undefined when never set. */
  readonly values: { get(key: string): unknown; set(key: string, value: unknown): void };
}

export interface StoredBot {
  readonly id: string;
  readonly config: BotConfig;
  readonly status: BotStatus;
  /** Nothing of it is due before this, and an interval's grid begins here, ms UTC; null when stopped. */
  readonly anchor: number | null;
  readonly runningSince: number | null;
  readonly createdAt: number;
  /** Order of creation. */
  readonly ordinal: number;
}

export interface BotRepository {
  list(): readonly StoredBot[];
  insert(bot: StoredBot): void;
  /** Throws when the id is unknown. */
  update(bot: StoredBot): void;
  /** Takes it off the list and keeps its trades. Throws when the id is unknown or a position is not CLOSED. */
  remove(id: string): void;
  /** One above the highest ever given, removed bots included. */
  nextOrdinal(): number;
}

/** An order from its intent on. */
export interface StoredOrder {
  readonly clientOrderId: string;
  readonly botId: string;
  readonly positionId: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly purpose: OrderPurpose;
  /** Base currency. */
  readonly quantity: string;
  /** Quote currency. */
  readonly expectedPrice: string;
  readonly status: OrderStatus;
  readonly reason: string;
  /** Open time of the candle decided on. */
  readonly candleTime: number;
  readonly createdAt: number;
  readonly answeredAt: number | null;
}

export interface StoredFill {
  /** Unique at the venue; a fill seen twice is one fill. */
  readonly fillId: string;
  readonly clientOrderId: string;
  readonly botId: string;
  readonly positionId: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeCurrency: string;
  readonly slippageBps: string;
  readonly time: number;
}

export interface OrderRepository {
  /** Throws when the client order id exists. */
  insertIntent(order: StoredOrder): void;
  get(clientOrderId: string): StoredOrder | null;
  answer(clientOrderId: string, status: OrderStatus, reason: string, answeredAt: number): void;
  /** Orders whose outcome is not known yet (intent or unresolved), oldest first. */
  open(): readonly StoredOrder[];
  /** The bot's one order whose outcome is not known, or null. */
  openOf(botId: string): StoredOrder | null;
  /** Newest first. */
  list(query: {
    readonly botId?: string | undefined;
    readonly positionId?: string | undefined;
    readonly limit: number;
  }): readonly StoredOrder[];
  /** False when the fill was there already. */
  insertFill(fill: StoredFill): boolean;
  /** Oldest first; at most `limit` of the newest. */
  fills(query: {
    readonly clientOrderId?: string | undefined;
    readonly positionId?: string | undefined;
    readonly botId?: string | undefined;
    readonly limit?: number | undefined;
  }): readonly StoredFill[];
}

/** One position of one bot: opened once, closed once. Between two of them a bot is FLAT and has no open row. */
export interface StoredPosition {
  readonly id: string;
  readonly botId: string;
  readonly symbol: string;
  readonly state: Exclude<PositionState, "FLAT">;
  readonly side: Side;
  /** Base currency, unsigned; what is held now. */
  readonly quantity: string;
  readonly entryPrice: string | null;
  readonly exitPrice: string | null;
  readonly stopPrice: string;
  /** Quote currency, all fees so far. */
  readonly fees: string;
  /** Quote currency, after fees, known when CLOSED; until then the entry's fee, negative. */
  readonly realisedPnl: string;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** Open time of the candle on which it was entered. */
  readonly entryCandle: number;
  /** Open time of the last candle on which the stop was checked. */
  readonly checkedCandle: number;
  readonly entryReason: string;
  readonly exitReason: string | null;
}

export interface PositionRepository {
  insert(position: StoredPosition): void;
  update(position: StoredPosition): void;
  /** Moves checkedCandle forward; nothing happens to a CLOSED position or for an earlier candle. */
  setChecked(id: string, candleTime: number): void;
  get(id: string): StoredPosition | null;
  /** All not CLOSED, oldest first. */
  open(): readonly StoredPosition[];
  /** The bot's one position that is not CLOSED, or null. */
  openOf(botId: string): StoredPosition | null;
  /** Newest close first. */
  closed(query: {
    readonly botId?: string | undefined;
    readonly limit: number;
  }): readonly StoredPosition[];
  /** Sums over a bot's closed positions; one that was never filled is not a trade. */
  totals(botId: string): {
    readonly realisedPnl: string;
    readonly fees: string;
    readonly trades: number;
  };
  /** Realised PnL of positions closed at or after `since`, quote currency, by bot. */
  realisedSince(since: number): ReadonlyMap<string, string>;
  count(): number;
}

export interface EquityRow {
  readonly time: number;
  readonly botId: string;
  readonly equity: string;
  readonly realised: string;
  readonly unrealised: string;
  readonly exposure: string;
}

/** What all bots together were worth at one time. */
export type FleetEquityRow = Omit<EquityRow, "botId">;

export interface EquityRepository {
  /** Replaces the bot's row of the same time. */
  insert(row: EquityRow): void;
  /** Replaces the fleet's row of the same time. */
  insertFleet(row: FleetEquityRow): void;
  /** Rows of one bot by time, oldest first, at most `limit` of the newest. */
  ofBot(botId: string, limit: number): readonly EquityRow[];
  /** The fleet's last row at or before each of `times`, with that time; zeros before the first row. */
  fleetAt(times: readonly number[]): readonly FleetEquityRow[];
  /** First and last time with a row of the fleet, or null. */
  range(): { readonly first: number; readonly last: number } | null;
  /** Of the oldest days before `before`, keeps each bot's and the fleet's last row of a day; deletes at most `most` rows. */
  thin(before: number, most: number): number;
  /** A bot's last row before `time`, or null. */
  before(botId: string, time: number): EquityRow | null;
}

/** A tripped breaker as it is kept. */
export type StoredBreaker = Omit<BreakerView, "scopeLabel">;

export interface RiskRepository {
  /** Tripped ones, oldest first. */
  breakers(): readonly StoredBreaker[];
  /** Keeps the breaker (replacing one of its id) and the event, together. */
  trip(breaker: StoredBreaker, event: RiskEventView): void;
  /** Drops the breaker and keeps the event, together. */
  clear(id: string, event: RiskEventView): void;
  insertEvent(event: RiskEventView): void;
  /** Newest first. */
  events(limit: number): readonly RiskEventView[];
  /** Peak of equity by bot id, and of the portfolio under the empty scope. */
  peaks(): ReadonlyMap<string, number>;
  /** Keeps peaks, and a point of the portfolio's drawdown. */
  save(
    peaks: readonly { readonly scope: string; readonly peak: number }[],
    point: DrawdownPoint | null,
  ): void;
  /** At most `limit` of the newest points, oldest first. */
  drawdown(limit: number): readonly DrawdownPoint[];
}

/** What the engine asks of the tick history in market.db. */
export interface TickStore {
  /** Rewrites a report of the same id. */
  insert(report: TickReport): void;
  list(query: {
    readonly botId?: string | undefined;
    readonly outcomes?: readonly string[] | undefined;
    readonly results?: readonly string[] | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  }): readonly TickReport[];
  latency(query: {
    readonly from: number;
    readonly to: number;
    readonly buckets: number;
    readonly botId?: string | undefined;
  }): { readonly buckets: readonly LatencyBucket[]; readonly total: TickCounts };
  /** Each bot's last report and its number of fire times that ran. */
  lastOfEach(): ReadonlyMap<string, { readonly report: TickReport; readonly ran: number }>;
  /** Last accounted fire time of a bot, or null. */
  lastFireTime(botId: string): number | null;
  /** Deletes the oldest `most` reports older than `before`; how many there were. */
  prune(before: number, most: number): number;
}

/** A span of engine time, ms UTC: from ≤ t < to. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** Figures over the tick history in market.db. A tick is in a span when its first fire time is. */
export interface TickStatsStore {
  /** Marks by bot, of rows that reach into the span too; when there are more than `limit`, the newest. */
  marks(
    query: TimeSpan & { readonly botIds?: readonly string[] | undefined; readonly limit: number },
  ): { readonly marks: ReadonlyMap<string, TickMarks>; readonly truncated: boolean };
  /** Fire times by outcome, and ms of those that ran (of a great many, an even sample), by bot. */
  spread(span: TimeSpan): ReadonlyMap<string, TickSpread>;
  /** Ticks that ran, counted by lateness: one count for each of the ascending lower bounds, ms. */
  lateness(
    query: TimeSpan & { readonly botId?: string | undefined; readonly edges: readonly number[] },
  ): readonly number[];
  /** Fire times by outcome, and the newest `limit` rows that did not run, newest first. */
  refusals(query: TimeSpan & { readonly limit: number }): {
    readonly counts: ReadonlyMap<FireOutcome, number>;
    readonly rows: readonly {
      readonly outcome: FireOutcome;
      readonly count: number;
      readonly lastFireTime: number;
      readonly reason: string;
    }[];
  };
  /** Durations of the bot's newest `limit` ticks that ran before `before`, ms, oldest first. */
  durations(botId: string, before: number, limit: number): readonly number[];
  /** Durations of all ticks of a span that ran, ms, by bot, in no particular order. */
  durationsOf(span: TimeSpan): ReadonlyMap<string, Float64Array>;
}

export interface TickSpread {
  readonly counts: Readonly<Record<FireOutcome, number>>;
  readonly lateness: Float64Array;
  readonly duration: Float64Array;
}

/** What happened to the machine's time and to the bots' health, in market.db. */
export interface EngineEventStore {
  insert(event: EngineEvent): void;
  /** Those that touch [from, to], newest end first. */
  list(
    query: TimeSpan & { readonly kinds: readonly EngineEventKind[]; readonly limit: number },
  ): readonly EngineEvent[];
  /** Number of events of a kind that end in the span, by bot. */
  countByBot(kind: EngineEventKind, span: TimeSpan): ReadonlyMap<string, number>;
  /** Deletes the oldest `most` events that ended before `before`; how many there were. */
  prune(before: number, most: number): number;
}
