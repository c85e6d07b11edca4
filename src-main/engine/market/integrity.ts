import type { Candle } from "./types.ts";

/** A candle that must not be used, and why in words with its numbers. */
interface RefusedCandle {
  readonly candle: Candle;
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
    const reason = wrongWith(candle, last, options);
    if (reason === null) {
      accepted.push(candle);
      last = candle.time;
    } else {
      refused.push({ candle, reason });
    }
  }
  return { accepted, refused };
}

function wrongWith(candle: Candle, last: number, { length, now }: JudgeOptions): string | null {
  const { time, open, high, low, close, volume } = candle;
  if (!Number.isFinite(time) || time < 0) return `its time ${time} is not a time`;
  if (time % length !== 0) return `its time is ${time % length} ms off the grid`;
  if (time === last) return "it is a duplicate";
  if (time < last) return "it is out of order";
  if (time + length > now) return "it is still open";
  for (const [name, price] of [
    ["open", open],
    ["high", high],
    ["low", low],
    ["close", close],
  ] as const) {
    if (!Number.isFinite(price)) return `its ${name} ${price} is not a number`;
    if (price <= 0) return `its ${name} ${price} is not above 0`;
  }
  if (!Number.isFinite(volume)) return `its volume ${volume} is not a number`;
  if (volume < 0) return `its volume ${volume} is negative`;
  if (high < low) return `its high ${high} is below its low ${low}`;
  if (high < open || high < close)
    return `its high ${high} is below its ${high < open ? `open ${open}` : `close ${close}`}`;
  if (low > open || low > close)
    return `its low ${low} is above its ${low > open ? `open ${open}` : `close ${close}`}`;
  return null;
}
