/*
 * The limits of risk as data, apart from zod, so that the engine, the form and the documentation read one table.
 */

/** The three choices of the kill switch, weakest first; each does what those before it do. */
export const KILL_LEVELS = ["entries", "cancel", "close"] as const;
export type KillLevel = (typeof KILL_LEVELS)[number];

/** What each choice does, in the words of the tray and of the window. */
export const KILL_WORDS: Readonly<
  Record<KillLevel, { readonly label: string; readonly does: string; readonly button: string }>
> = {
  entries: {
    label: "No new entries",
    does: "No bot enters any more. Open positions keep their stops and exits.",
    button: "Stop entries",
  },
  cancel: {
    label: "Cancel open orders",
    does: "Open orders are cancelled and no bot enters any more. Open positions keep their stops and exits.",
    button: "Cancel orders",
  },
  close: {
    label: "Close all positions",
    does: "Open orders are cancelled, every position is closed at the market's price, and no bot enters any more. A closed position cannot be brought back.",
    button: "Close all positions",
  },
};

interface LimitField {
  readonly label: string;
  readonly help: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  readonly default: number;
  /** The value that refuses least; what a simulation without a trader runs with. */
  readonly widest: number;
}

/** Groups of limits, in the order of the layers. */
export const RISK_GROUPS = [
  {
    title: "Size and correlation",
    keys: [
      "maxPositionPct",
      "kellyAfterTrades",
      "kellyWindowTrades",
      "kellyMinPct",
      "correlationFloor",
      "correlationFullPct",
      "correlationCandles",
    ],
  },
  {
    title: "Exposure",
    keys: ["symbolExposurePct", "grossExposurePct", "maxOpenPositions", "ordersPerMinute"],
  },
  {
    title: "Losses",
    keys: ["botDailyLossPct", "dailyLossPct", "botDrawdownPct", "portfolioDrawdownPct"],
  },
  {
    title: "After stops",
    keys: [
      "cooldownCandles",
      "guardStops",
      "guardMinutes",
      "guardPauseMinutes",
      "pairStops",
      "pairMinutes",
      "pairLockMinutes",
    ],
  },
  {
    title: "System",
    keys: [
      "staleCandles",
      "maxClockOffsetMs",
      "exchangeFailures",
      "exchangeMinutes",
      "stallMs",
      "stallQuietSeconds",
    ],
  },
  {
    title: "Dead man's switch",
    keys: ["deadManRemindHours", "deadManEntriesHours", "deadManStopHours"],
  },
] as const satisfies readonly {
  readonly title: string;
  readonly keys: readonly (keyof RiskNumbers)[];
}[];

const percent = (label: string, help: string, value: number, max = 100): LimitField => ({
  label,
  help,
  unit: "%",
  min: 0.1,
  max,
  whole: false,
  default: value,
  widest: max,
});

const whole = (
  label: string,
  help: string,
  unit: string,
  [min, max, value, widest]: readonly [min: number, max: number, value: number, widest: number],
): LimitField => ({ label, help, unit, min, max, whole: true, default: value, widest });

/** Every numeric limit: what it means, its range and its default. */
export const RISK_FIELDS = {
  maxPositionPct: percent(
    "Largest position",
    "Of the bot's equity, whatever its own position size says",
    25,
    25,
  ),
  kellyAfterTrades: whole(
    "Half-Kelly after",
    "Closed trades of the bot from which its own results cap its size; 0 switches it off",
    "trades",
    [0, 1000, 30, 0],
  ),
  kellyWindowTrades: whole(
    "Half-Kelly looks at",
    "Newest closed trades that win rate and pay-off are taken from",
    "trades",
    [10, 1000, 100, 100],
  ),
  kellyMinPct: {
    label: "Least half-Kelly size",
    help: "Of the bot's equity, where its trades show no edge; 0 refuses the entry",
    unit: "%",
    min: 0,
    max: 25,
    whole: false,
    default: 1,
    widest: 25,
  },
  correlationFloor: {
    label: "Smallest correlation multiplier",
    help: "Size is multiplied by this where all that is open moves as the new position would",
    unit: "×",
    min: 0.25,
    max: 1,
    whole: false,
    default: 0.25,
    widest: 1,
  },
  correlationFullPct: percent(
    "Full effect from",
    "Correlated exposure, in % of the portfolio's equity, at which the multiplier has its full effect",
    25,
  ),
  correlationCandles: whole(
    "Correlation over",
    "Newest closed candles whose returns are compared",
    "candles",
    [30, 300, 100, 100],
  ),
  symbolExposurePct: percent(
    "Exposure per symbol",
    "Positions of all bots in one symbol, long and short added, of the portfolio's equity",
    25,
    1000,
  ),
  grossExposurePct: percent(
    "Gross exposure",
    "All positions, long and short added, of the portfolio's equity",
    100,
    1000,
  ),
  maxOpenPositions: whole("Open positions", "Of all bots together", "", [1, 5000, 50, 5000]),
  ordersPerMinute: whole(
    "Orders a minute",
    "Of all bots together; entries wait, exits never do",
    "",
    [1, 10_000, 30, 10_000],
  ),
  botDailyLossPct: percent(
    "Daily loss of a bot",
    "Since 00:00 UTC, of its equity then; it enters no more until the next day",
    10,
  ),
  dailyLossPct: percent(
    "Daily loss of the portfolio",
    "Since 00:00 UTC, of its equity then; no bot enters until the next day",
    5,
  ),
  botDrawdownPct: percent(
    "Drawdown of a bot",
    "From its peak; it enters no more until you reset its breaker",
    20,
  ),
  portfolioDrawdownPct: percent(
    "Drawdown of the portfolio",
    "From its peak; no bot enters until you reset the halt",
    15,
  ),
  cooldownCandles: whole(
    "Cooldown after a stop",
    "Candles of its timeframe that a bot waits after its stop was hit; 0 switches it off",
    "candles",
    [0, 1000, 2, 0],
  ),
  guardStops: whole(
    "Stop-loss guard",
    "So many stops of the whole fleet in the time below pause all entries; 0 switches it off",
    "stops",
    [0, 5000, 10, 0],
  ),
  guardMinutes: whole("Guard counts over", "", "min", [1, 10_080, 60, 60]),
  guardPauseMinutes: whole("Guard pauses for", "", "min", [1, 10_080, 60, 1]),
  pairStops: whole(
    "Pair lock",
    "So many stops in one symbol in the time below lock that symbol; 0 switches it off",
    "stops",
    [0, 5000, 4, 0],
  ),
  pairMinutes: whole("Pair lock counts over", "", "min", [1, 10_080, 240, 240]),
  pairLockMinutes: whole("Pair lock lasts", "", "min", [1, 10_080, 240, 1]),
  staleCandles: whole(
    "Oldest candle",
    "Candles of the bot's timeframe that may have passed since the one decided on closed",
    "candles",
    [1, 100, 1, 100],
  ),
  maxClockOffsetMs: whole(
    "Clock offset",
    "Largest distance between the exchange's clock and this machine's",
    "ms",
    [100, 60_000, 1000, 60_000],
  ),
  exchangeFailures: whole(
    "Exchange trouble",
    "Failed requests in the time below from which no bot enters; 0 switches it off",
    "failures",
    [0, 10_000, 10, 0],
  ),
  exchangeMinutes: whole("Trouble counts over", "", "min", [1, 1440, 10, 10]),
  stallMs: whole(
    "Stall",
    "Time that Tickdeck stood still from which entries wait; 0 switches it off",
    "ms",
    [0, 60_000, 2000, 0],
  ),
  stallQuietSeconds: whole("Quiet after a stall", "", "s", [1, 3600, 60, 1]),
  deadManRemindHours: whole("Remind after", "Without a check-in", "h", [1, 720, 20, 720]),
  deadManEntriesHours: whole("No new entries after", "Without a check-in", "h", [1, 720, 24, 720]),
  deadManStopHours: whole("Stopped after", "Without a check-in", "h", [1, 1440, 48, 1440]),
} as const satisfies Record<string, LimitField>;

export type RiskNumbers = { -readonly [K in keyof typeof RISK_FIELDS]: number };

/** What the dead man's switch does at its last state with positions that are open. */
export const DEAD_MAN_STOPS = ["watch", "close"] as const;
export type DeadManStop = (typeof DEAD_MAN_STOPS)[number];

/** All limits: percentages as 0..100, times in the unit of their name. */
export interface RiskLimits extends RiskNumbers {
  deadMan: boolean;
  deadManStop: DeadManStop;
}

const numbers = (of: "default" | "widest"): RiskNumbers =>
  // The keys are those of RISK_FIELDS; fromEntries cannot say so.
  Object.fromEntries(
    Object.entries(RISK_FIELDS).map(([key, field]) => [key, field[of]]),
  ) as RiskNumbers;

export const RISK_DEFAULTS: RiskLimits = {
  ...numbers("default"),
  deadMan: true,
  deadManStop: "watch",
};

/** Limits that refuse as little as can be, for simulations in which nobody resets a breaker. */
export const RISK_WIDEST: RiskLimits = {
  ...numbers("widest"),
  deadMan: false,
  deadManStop: "watch",
};
