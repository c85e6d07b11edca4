import * as z from "zod";
import { DEAD_MAN_STOPS, KILL_LEVELS, RISK_DEFAULTS, RISK_FIELDS } from "./risk-limits.ts";
import type { KillLevel, RiskNumbers } from "./risk-limits.ts";

const numberOf = (key: keyof RiskNumbers): z.ZodDefault<z.ZodNumber> => {
  const { label, min, max, unit, whole } = RISK_FIELDS[key];
  const error = `${label} must be a ${whole ? "whole " : ""}number from ${min} to ${max}${unit === "" ? "" : ` ${unit}`}.`;
  const value = z.number({ error }).min(min, error).max(max, error);
  return (whole ? value.int(error) : value).default(RISK_FIELDS[key].default);
};

// One schema a field of the table; fromEntries cannot keep the keys.
const numberShape = Object.fromEntries(
  Object.keys(RISK_FIELDS).map((key) => [key, numberOf(key as keyof RiskNumbers)]),
) as Record<keyof RiskNumbers, z.ZodDefault<z.ZodNumber>>;

/** Limits as they are saved in the settings; a limit that a stored one lacks has its default. */
export const riskLimitsSchema = z
  .strictObject({
    ...numberShape,
    deadMan: z.boolean().default(RISK_DEFAULTS.deadMan),
    deadManStop: z.enum(DEAD_MAN_STOPS).default(RISK_DEFAULTS.deadManStop),
  })
  .refine((l) => l.deadManRemindHours <= l.deadManEntriesHours, {
    error: "The reminder must not come after the end of new entries.",
    path: ["deadManRemindHours"],
  })
  .refine((l) => l.deadManEntriesHours <= l.deadManStopHours, {
    error: "The end of new entries must not come after the stop.",
    path: ["deadManEntriesHours"],
  });

export type { KillLevel } from "./risk-limits.ts";
/** Who threw it. */
export type KillBy = "window" | "tray" | "shortcut" | "command line" | "dead man's switch";

export interface KillView {
  readonly level: KillLevel | "off";
  /** Engine time, ms UTC; null while it is off. */
  readonly since: number | null;
  readonly by: KillBy | null;
  readonly note: string;
  /** Positions and orders that the level is still to close and cancel. */
  readonly left: number;
}

/** What throwing it came to. */
export interface KillOutcome {
  readonly kill: KillView;
  readonly cancelled: number;
  readonly closed: number;
  /** What could not be done yet, by bot; it is tried again every half minute. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

export type DeadManState = "ok" | "reminder" | "no_entries" | "stopped";

/** Times are the wall's, ms UTC: it counts a person's hours, whatever the engine's clock does. */
export interface DeadManView {
  readonly state: DeadManState;
  readonly lastCheckIn: number;
  /** What comes next and when, without a check-in; null when nothing does. */
  readonly next: { readonly state: DeadManState; readonly at: number } | null;
}

export type BreakerKind =
  | "bot_daily_loss"
  | "daily_loss"
  | "bot_drawdown"
  | "portfolio_drawdown"
  | "stop_guard"
  | "pair_lock";

/** A limit that was crossed and holds entries back until its time or a reset. Times are ms UTC on the engine's clock. */
export interface BreakerView {
  /** `${kind}:${scope}`. */
  readonly id: string;
  readonly kind: BreakerKind;
  /** Bot id, symbol, or empty for the whole portfolio. */
  readonly scope: string;
  readonly scopeLabel: string;
  readonly trippedAt: number;
  /** When it ends by itself; null when only the trader ends it. */
  readonly until: number | null;
  readonly reason: string;
}

/** How much of one limit is used. */
export interface LimitBar {
  readonly id: string;
  readonly label: string;
  /** What it is measured on: a symbol, a bot, empty for the whole. */
  readonly of: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
  /** True while it holds entries back. */
  readonly holds: boolean;
}

export interface SymbolRisk {
  readonly symbol: string;
  /** Quote currency, orders under way included. */
  readonly long: number;
  readonly short: number;
  /** Most that long and short together may be. */
  readonly limit: number;
}

export interface BotRisk {
  readonly botId: string;
  readonly botName: string;
  readonly equity: number;
  readonly peak: number;
  /** 0..100 */
  readonly drawdownPct: number;
  /** 0..100; 0 on a day without a loss. */
  readonly dayLossPct: number;
  /** Half-Kelly share of equity, 0..1, or null before there are enough trades. */
  readonly halfKelly: number | null;
  readonly trades: number;
  /** End of its cooldown, ms UTC, or null. */
  readonly cooldownUntil: number | null;
}

export interface RiskOverview {
  readonly time: number;
  readonly kill: KillView;
  /** Null where nobody is there to check in, or the switch is off. */
  readonly deadMan: DeadManView | null;
  readonly bars: readonly LimitBar[];
  readonly breakers: readonly BreakerView[];
  /** Largest first. */
  readonly exposure: readonly SymbolRisk[];
  readonly portfolio: {
    readonly equity: number;
    readonly peak: number;
    readonly drawdownPct: number;
  };
  /** Deepest drawdown first. */
  readonly bots: readonly BotRisk[];
  readonly correlation: {
    readonly symbols: readonly string[];
    /** −1..1 by row and column; null where too few candles are known. */
    readonly values: readonly (readonly (number | null)[])[];
    readonly candles: number;
  };
}

/** What the status bar and the banner need on every page. */
export interface RiskStatus {
  readonly kill: KillView;
  readonly deadMan: DeadManView | null;
  readonly breakers: number;
}

/** One line of the history of risk. */
export interface RiskEventView {
  /** Engine time, ms UTC. */
  readonly time: number;
  readonly kind: BreakerKind | "kill" | "dead_man" | "allocation";
  readonly action:
    | "tripped"
    | "reset"
    | "ended"
    | "thrown"
    | "released"
    | "check_in"
    | "state"
    | "applied";
  readonly scope: string;
  readonly reason: string;
  /** What the trader wrote. */
  readonly note: string;
}

/** Drawdown of the portfolio from its peak, once an hour. */
export interface DrawdownPoint {
  readonly time: number;
  readonly drawdownPct: number;
}

export type AllocationMethod = "equal" | "inverse_volatility";

export interface AllocationRow {
  readonly botId: string;
  readonly botName: string;
  readonly symbol: string;
  readonly before: number;
  /** Quote currency, to the cent. */
  readonly after: number;
  /** 0..1 of the total. */
  readonly share: number;
  /** Standard deviation of returns in a year, 0.6 for 60 %; null where it was not asked for. */
  readonly volatility: number | null;
  readonly capped: boolean;
}

const note = z.string().trim().max(500);
const reasonNote = note.min(3, "Write a note of at least three letters: why it is safe to go on.");

export const riskRequests = {
  "risk:overview": z.void(),
  /** Throws the kill switch; a weaker level than the one that is on changes nothing. */
  "risk:kill": z.strictObject({ level: z.enum(KILL_LEVELS), note }),
  "risk:release": z.strictObject({ note: reasonNote }),
  "risk:check-in": z.void(),
  "risk:reset-breaker": z.strictObject({ id: z.string().min(1).max(200), note: reasonNote }),
  /** Keeps all bots from entering a symbol for a while; `risk:reset-breaker` unlocks. */
  "risk:lock-pair": z.strictObject({
    symbol: z.string().min(3).max(41),
    hours: z.number().min(0.1).max(8760),
    note,
  }),
  /** Newest first. */
  "risk:events": z.strictObject({ limit: z.number().int().min(1).max(1000) }),
  "risk:drawdown": z.strictObject({ points: z.number().int().min(2).max(2000) }),
  /** What an allocation would come to; changes nothing. */
  "risk:allocate-preview": z.strictObject({
    botIds: z.array(z.string().min(1).max(64)).min(1).max(5000),
    /** Quote currency. */
    total: z.number().positive("The total must be above 0.").max(1e12),
    method: z.enum(["equal", "inverse_volatility"]),
    /** Most that one bot gets, % of the total. */
    capPct: z.number().min(1).max(100),
  }),
  /** Gives each bot its capital; all or none. */
  "risk:allocate-apply": z.strictObject({
    rows: z
      .array(
        z.strictObject({
          botId: z.string().min(1).max(64),
          capital: z.number().positive().max(1e9),
        }),
      )
      .min(1)
      .max(5000),
  }),
} as const;

export interface RiskResponses {
  "risk:overview": RiskOverview;
  "risk:kill": KillOutcome;
  "risk:release": KillView;
  "risk:check-in": DeadManView | null;
  "risk:reset-breaker": null;
  "risk:lock-pair": BreakerView;
  "risk:events": readonly RiskEventView[];
  "risk:drawdown": readonly DrawdownPoint[];
  "risk:allocate-preview": readonly AllocationRow[];
  "risk:allocate-apply": { readonly changed: number };
}

export interface RiskEvents {
  /** Something that the Risk page shows has changed: a breaker, the kill switch, the dead man's switch. */
  "risk:changed": RiskStatus;
}
