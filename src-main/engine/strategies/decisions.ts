import type { Side } from "../../../src-preload/contract/bots.ts";
import type { Condition } from "../../../src-preload/contract/ticks.ts";
import type { CandleColumns } from "../market/types.ts";
import type { Decision, HeldPosition, HoldDecision, StrategyInput } from "./types.ts";
import { details, figure, lacking, price } from "./words.ts";

/** One side of an entry rule, judged. */
export interface SideCase {
  /** True when the rule asks for the entry. */
  readonly signal: boolean;
  /** 0..1 */
  readonly confidence: number;
  readonly conditions: readonly Condition[];
  /** Share of the usual size, 0..1. */
  readonly sizeFactor: number;
  /** The words of the signal; the details of all conditions when not given. */
  readonly story?: string;
}

export interface StopSpec {
  readonly close: number;
  readonly atr: number;
  readonly multiple: number;
}

/** A case that asks for an entry when all its conditions hold, at full size. */
export const allOf = (conditions: readonly Condition[], confidence: number): SideCase => ({
  signal: conditions.every((condition) => condition.held),
  confidence,
  conditions,
  sizeFactor: 1,
});

export const clamp01 = (value: number): number => Math.max(0, Math.min(1, value));

/** Nothing to do. */
export const hold = (reason: string, conditions: readonly Condition[] = []): HoldDecision => ({
  action: "hold",
  reason,
  conditions,
});

/**
 * The last `count` candles as views on the columns, or null where there are fewer. Strategies compute on exactly
 * their warm-up, so that the same candles give the same bytes however much older history is handed in.
 */
export function tail(candles: CandleColumns, count: number): CandleColumns | null {
  const from = candles.length - count;
  if (from < 0) return null;
  const cut = (column: Float64Array): Float64Array => column.subarray(from, candles.length);
  return {
    length: count,
    time: cut(candles.time),
    open: cut(candles.open),
    high: cut(candles.high),
    low: cut(candles.low),
    close: cut(candles.close),
    volume: cut(candles.volume),
  };
}

/** The newest value of a column; NaN when it is empty. */
export const newest = (column: Float64Array): number => column.at(-1) ?? Number.NaN;

export const warmingUp = (symbol: string, have: number, need: number): HoldDecision =>
  hold(`warming up: ${symbol} has ${have} of ${need} closed candles`);

/** Says in a position what its exit rule found: leave when any of the conditions holds. */
export function exitWhenAny(position: HeldPosition, conditions: readonly Condition[]): Decision {
  const held = conditions.filter((condition) => condition.held);
  return held.length > 0
    ? { action: "exit", reason: `exit ${position.side}: ${details(held)}`, conditions }
    : hold(
        `holding ${position.side}: ${details(conditions)}, stop ${price(position.stopPrice)}`,
        conditions,
      );
}

function enter(side: Side, found: SideCase, stop: StopSpec): Decision {
  const distance = stop.multiple * stop.atr;
  const stopPrice = side === "long" ? stop.close - distance : stop.close + distance;
  if (!(distance > 0) || !(stopPrice > 0)) {
    return hold(
      `no entry: ${side} signal, but no stop can be put ${figure(stop.multiple, 2)} × ATR ${price(stop.atr)} from close ${price(stop.close)}`,
      found.conditions,
    );
  }
  const story = found.story ?? details(found.conditions);
  return {
    action: "enter",
    side,
    confidence: found.confidence,
    stopPrice,
    sizeFactor: found.sizeFactor,
    reason: `${side}: ${story}; stop ${price(stopPrice)} (${figure(stop.multiple, 2)} × ATR ${price(stop.atr)})`,
    conditions: found.conditions,
  };
}

const heldCount = (found: SideCase): number =>
  found.conditions.filter((condition) => condition.held).length;

/**
 * The entry rule of a flat bot. A short signal where shorting is off is a hold that says so. Without any signal
 * the conditions shown are those of the side that is nearer to one, which is the long side where shorting is off.
 * `idle` replaces the list of lacking conditions in the reason.
 */
export function enterEither<P>(
  input: StrategyInput<P>,
  long: SideCase,
  short: SideCase | null,
  stop: StopSpec,
  idle?: string,
): Decision {
  if (long.signal) return enter("long", long, stop);
  if (short?.signal === true) {
    if (input.allowShort) return enter("short", short, stop);
    const refused: Condition = {
      label: "Shorting allowed",
      held: false,
      detail: "shorting is off for this bot",
    };
    return hold(
      `no entry: short signal (${short.story ?? details(short.conditions)}), but ${refused.detail}`,
      [...short.conditions, refused],
    );
  }
  const nearer =
    input.allowShort && short !== null && heldCount(short) > heldCount(long) ? short : long;
  return hold(`no entry: ${idle ?? lacking(nearer.conditions)}`, nearer.conditions);
}
