import { checkPeriod, column } from "./window.ts";

export interface Macd {
  readonly macd: Float64Array;
  readonly signal: Float64Array;
  readonly histogram: Float64Array;
}

export interface MacdPoint {
  readonly macd: number;
  readonly signal: number;
  readonly histogram: number;
}

/** One average's state: `EmaStream`'s recursion and seed, in the open so that three of them share one loop. */
interface Average {
  readonly period: number;
  readonly keep: number;
  seen: number;
  first: number;
  sum: number;
  last: number;
  /** Newest value less mean; NaN until seeded. */
  distance: number;
}

const average = (period: number): Average => ({
  period,
  keep: (period - 1) / (period + 1),
  seen: 0,
  first: 0,
  sum: 0,
  last: 0,
  distance: Number.NaN,
});

function step(of: Average, value: number): void {
  if (of.seen >= of.period) {
    of.distance = of.keep * (of.distance + (value - of.last));
  } else {
    if (of.seen === 0) of.first = value;
    of.seen += 1;
    of.sum += value - of.first;
    if (of.seen === of.period) of.distance = value - of.first - of.sum / of.period;
  }
  of.last = value;
}

/**
 * Moving average convergence / divergence (Appel): fast EMA − slow EMA, its signal EMA and their difference; all in the
 * unit of the values. Each EMA is seeded with the simple mean of its own first window: the line starts at index
 * slow − 1, signal and histogram at slow + signal − 2. (TA-Lib starts both EMAs at slow − 1; they agree once settled.)
 * The line is the difference of the two distances, so that it keeps its digits where prices hardly move. O(1) a value.
 */
export class MacdStream {
  readonly #fast: Average;
  readonly #slow: Average;
  readonly #signal: Average;
  readonly #one = new Float64Array(1);
  readonly #out: Macd = { macd: column(1), signal: column(1), histogram: column(1) };

  constructor(fast: number, slow: number, signal: number) {
    checkPeriod("MACD fast", fast);
    checkPeriod("MACD slow", slow, fast + 1);
    checkPeriod("MACD signal", signal);
    this.#fast = average(fast);
    this.#slow = average(slow);
    this.#signal = average(signal);
  }

  /** Takes the next value; NaN where an average has not had its first window. */
  push(value: number): MacdPoint {
    this.#one[0] = value;
    this.fill(this.#one, 0, 1, this.#out);
    return {
      macd: this.#out.macd[0] as number,
      signal: this.#out.signal[0] as number,
      histogram: this.#out.histogram[0] as number,
    };
  }

  /** Takes values[from..to) as the next ones and writes to the same indices of the columns. */
  fill(values: Float64Array, from: number, to: number, out: Macd): void {
    const { macd, signal, histogram } = out;
    const [fast, slow, smooth] = [this.#fast, this.#slow, this.#signal];
    let i = from;
    for (; i < to && smooth.seen < smooth.period; i++) {
      const value = values[i] as number;
      step(fast, value);
      step(slow, value);
      const line = slow.distance - fast.distance;
      if (slow.seen === slow.period) step(smooth, line);
      macd[i] = line;
      signal[i] = line - smooth.distance;
      histogram[i] = smooth.distance;
    }
    const keepFast = fast.keep;
    const keepSlow = slow.keep;
    const keepSignal = smooth.keep;
    let last = fast.last;
    let fastDistance = fast.distance;
    let slowDistance = slow.distance;
    let lineLast = smooth.last;
    let lineDistance = smooth.distance;
    for (; i < to; i++) {
      const value = values[i] as number;
      const change = value - last;
      last = value;
      fastDistance = keepFast * (fastDistance + change);
      slowDistance = keepSlow * (slowDistance + change);
      const line = slowDistance - fastDistance;
      lineDistance = keepSignal * (lineDistance + (line - lineLast));
      lineLast = line;
      macd[i] = line;
      signal[i] = line - lineDistance;
      histogram[i] = lineDistance;
    }
    fast.last = last;
    slow.last = last;
    fast.distance = fastDistance;
    slow.distance = slowDistance;
    smooth.last = lineLast;
    smooth.distance = lineDistance;
  }
}

/** MACD as columns (see `MacdStream`). */
export function macd(values: Float64Array, fast: number, slow: number, signal: number): Macd {
  const { length } = values;
  const out = { macd: column(length), signal: column(length), histogram: column(length) };
  new MacdStream(fast, slow, signal).fill(values, 0, length, out);
  return out;
}
