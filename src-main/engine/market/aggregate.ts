import { money, ZERO } from "../money.ts";
import { judgeCandles } from "./integrity.ts";
import type { Candle } from "./types.ts";

/** A candle that integrity will refuse: a part of it was wrong, and a whole must not hide that. */
const poisoned = (time: number): Candle => ({
  time,
  open: Number.NaN,
  high: Number.NaN,
  low: Number.NaN,
  close: Number.NaN,
  volume: Number.NaN,
});

function whole(time: number, parts: readonly Candle[], length: number): Candle {
  const [first] = parts;
  const last = parts.at(-1);
  const judged = judgeCandles(parts, { length, now: Number.POSITIVE_INFINITY });
  if (first === undefined || last === undefined || judged.refused.length > 0) return poisoned(time);
  let high = first.high;
  let low = first.low;
  // In decimals, as the exchange itself adds up: the sum of 0.1 and 0.2 is 0.3.
  let volume = ZERO;
  for (const part of parts) {
    high = Math.max(high, part.high);
    low = Math.min(low, part.low);
    volume = volume.plus(money(part.volume));
  }
  return { time, open: first.open, high, low, close: last.close, volume: volume.toNumber() };
}

/**
 * Candles of `into` ms made from ascending ones of `from` ms; `into` is a multiple of `from`. Open of the first part,
 * close of the last, the highest, the lowest, the exact decimal sum of volumes. A part that the exchange does not have
 * had no trades and is left out; a candle none of whose parts exist is not there either. The last candle is given only
 * when its last part is there, since before that it may still be open or on its way. A candle with a wrong part has NaN
 * in every figure, so that integrity refuses it. Pure.
 */
export function aggregate(parts: readonly Candle[], from: number, into: number): readonly Candle[] {
  const out: Candle[] = [];
  let begin = 0;
  for (let i = 1; i <= parts.length; i += 1) {
    const slot = Math.floor((parts[begin]?.time ?? 0) / into) * into;
    const next = parts[i];
    if (next !== undefined && Math.floor(next.time / into) * into === slot) continue;
    const complete = next !== undefined || parts[i - 1]?.time === slot + into - from;
    if (complete) out.push(whole(slot, parts.slice(begin, i), from));
    begin = i;
  }
  return out;
}
