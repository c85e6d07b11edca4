import type { FindingKind } from "../../../src-preload/contract/data.ts";
import type { Candle } from "./types.ts";

/** A candle that must not be used, and why in words with its numbers. */
export interface RefusedCandle {
  readonly candle: Candle;
  readonly kind: FindingKind;
  readonly reason: string;
}

export interface Judgement {
  readonly accepted: readonly Candle[];
  readonly refused: readonly RefusedCandle[];
}

export interface JudgeOptions {
  /** Candle length, ms; open times are whole multiples of it since the epoch. */
  readonly length: number;
  /** Candles that end after this instant are open, ms UTC. */
  readonly now: number;
  /** Open time of the candle held already; those up to it are duplicates or out of order. Absent when none is held. */
  readonly after?: number;
}

/** Judges candles one by one, in the order given. Pure; never repairs: a candle is used as it came or not at all. */
export function judgeCandles(candles: readonly Candle[], options: JudgeOptions): Judgement {
  const accepted: Candle[] = [];
  const refused: RefusedCandle[] = [];
  let last = options.after ?? Number.NEGATIVE_INFINITY;
  for (const candle of candles) {
    const wrong = wrongWith(candle, last, options);
    if (wrong === null) {
      accepted.push(candle);
      last = candle.time;
    } else {
      refused.push({ candle, kind: wrong[0], reason: wrong[1] });
    }
  }
  return { accepted, refused };
}

type Wrong = readonly [FindingKind, string];

function wrongWith(candle: Candle, last: number, { length, now }: JudgeOptions): Wrong | null {
  const { time, open, high, low, close, volume } = candle;
  if (!Number.isFinite(time) || time < 0) return ["off_grid", `its time ${time} is not a time`];
  if (time % length !== 0) return ["off_grid", `its time is ${time % length} ms off the grid`];
  if (time === last) return ["duplicate", "it is a duplicate"];
  if (time < last) return ["out_of_order", "it is out of order"];
  if (time + length > now) return ["open", "it is still open"];
  for (const [name, price] of [
    ["open", open],
    ["high", high],
    ["low", low],
    ["close", close],
  ] as const) {
    if (!Number.isFinite(price)) return ["not_a_number", `its ${name} ${price} is not a number`];
    if (price <= 0) return ["not_positive", `its ${name} ${price} is not above 0`];
  }
  if (!Number.isFinite(volume)) return ["not_a_number", `its volume ${volume} is not a number`];
  if (volume < 0) return ["not_positive", `its volume ${volume} is negative`];
  const reason = outOfOrder(candle);
  return reason === null ? null : ["wrong_order", reason];
}

function outOfOrder({ open, high, low, close }: Candle): string | null {
  if (high < low) return `its high ${high} is below its low ${low}`;
  if (high < open || high < close)
    return `its high ${high} is below its ${high < open ? `open ${open}` : `close ${close}`}`;
  if (low > open || low > close)
    return `its low ${low} is above its ${low > open ? `open ${open}` : `close ${close}`}`;
  return null;
}
