import { blank, checkLengths, checkPeriod, column, windowAt } from "./window.ts";

/** Simple returns as fractions: (value − value before) / value before. The first is NaN. */
export function simpleReturns(values: Float64Array): Float64Array {
  const out = blank(values.length);
  for (let i = 1; i < values.length; i++) {
    const before = values[i - 1] as number;
    out[i] = ((values[i] as number) - before) / before;
  }
  return out;
}

/** Sums of a window's distances from its anchors: of each side, of their squares, and of their products. */
const SUMS = 5;

/**
 * Rolling Pearson correlation, −1..1, without accumulated error: the blocks and anchors of `Moments` for pairs. NaN where
 * one side does not vary. O(1) a pair, amortised: one more pass over each full block.
 */
export class CorrelationStream {
  readonly #period: number;
  readonly #blockA: Float64Array;
  readonly #blockB: Float64Array;
  /** Of each tail of the last full block, its five sums side by side. */
  readonly #tails: Float64Array;
  /** The same of the head of the block under way. */
  readonly #head = new Float64Array(SUMS);
  readonly #oneA = new Float64Array(1);
  readonly #oneB = new Float64Array(1);
  #filled = 0;
  #anchorA = Number.NaN;
  #anchorB = Number.NaN;

  constructor(period: number) {
    checkPeriod("Correlation", period, 2);
    this.#period = period;
    this.#blockA = new Float64Array(period);
    this.#blockB = new Float64Array(period);
    this.#tails = new Float64Array(period * SUMS);
  }

  /** Takes the next pair; NaN until the first window is full. */
  push(a: number, b: number): number {
    this.#oneA[0] = a;
    this.#oneB[0] = b;
    this.fill(this.#oneA, this.#oneB, 0, 1, this.#oneA);
    return this.#oneA[0];
  }

  /** Takes the pairs [from, to) as the next ones and writes to the same indices of `out`. */
  fill(a: Float64Array, b: Float64Array, from: number, to: number, out: Float64Array): void {
    const period = this.#period;
    const blockA = this.#blockA;
    const blockB = this.#blockB;
    const tails = this.#tails;
    let filled = this.#filled;
    let anchorA = this.#anchorA;
    let anchorB = this.#anchorB;
    let [headA = 0, headB = 0, headAA = 0, headBB = 0, headAB = 0] = this.#head;
    for (let i = from; i < to; i++) {
      const valueA = a[i] as number;
      const valueB = b[i] as number;
      blockA[filled] = valueA;
      blockB[filled] = valueB;
      filled += 1;
      let sumA: number;
      let sumB: number;
      let sumAA: number;
      let sumBB: number;
      let sumAB: number;
      if (filled < period) {
        const reachA = valueA - anchorA;
        const reachB = valueB - anchorB;
        headA += reachA;
        headB += reachB;
        headAA += reachA * reachA;
        headBB += reachB * reachB;
        headAB += reachA * reachB;
        const tail = filled * SUMS;
        sumA = (tails[tail] as number) + headA;
        sumB = (tails[tail + 1] as number) + headB;
        sumAA = (tails[tail + 2] as number) + headAA;
        sumBB = (tails[tail + 3] as number) + headBB;
        sumAB = (tails[tail + 4] as number) + headAB;
      } else {
        anchorA = valueA;
        anchorB = valueB;
        sumA = sumB = sumAA = sumBB = sumAB = 0;
        for (let j = period - 1; j >= 0; j--) {
          const reachA = (blockA[j] as number) - anchorA;
          const reachB = (blockB[j] as number) - anchorB;
          sumA += reachA;
          sumB += reachB;
          sumAA += reachA * reachA;
          sumBB += reachB * reachB;
          sumAB += reachA * reachB;
          const tail = j * SUMS;
          tails[tail] = sumA;
          tails[tail + 1] = sumB;
          tails[tail + 2] = sumAA;
          tails[tail + 3] = sumBB;
          tails[tail + 4] = sumAB;
        }
        filled = 0;
        headA = headB = headAA = headBB = headAB = 0;
      }
      const shiftA = sumA / period;
      const spreadA = sumAA - sumA * shiftA;
      const spreadB = sumBB - (sumB * sumB) / period;
      const both = sumAB - shiftA * sumB;
      const found = both / (Math.sqrt(spreadA) * Math.sqrt(spreadB));
      // A side without spread gives ±∞ or NaN; rounding may leave the rest a hair outside −1..1.
      out[i] = spreadA > 0 && spreadB > 0 ? (found > 1 ? 1 : found < -1 ? -1 : found) : Number.NaN;
    }
    this.#filled = filled;
    this.#anchorA = anchorA;
    this.#anchorB = anchorB;
    this.#head.set([headA, headB, headAA, headBB, headAB]);
  }
}

/** Rolling Pearson correlation of two columns of one length, −1..1; first value at index period − 1. */
export function correlation(a: Float64Array, b: Float64Array, period: number): Float64Array {
  const stream = new CorrelationStream(period);
  checkLengths("Correlation", a.length, b.length);
  const out = column(a.length);
  stream.fill(a, b, 0, out.length, out);
  return out;
}

/** Pearson's correlation, −1..1, of the `period` pairs that end at `index`; NaN where one side does not vary. */
export function correlationAt(
  a: Float64Array,
  b: Float64Array,
  index: number,
  period: number,
): number {
  const windowA = windowAt(a, index, period);
  const windowB = windowAt(b, index, period);
  if (windowA === null || windowB === null) return Number.NaN;
  return correlation(windowA, windowB, period)[period - 1] as number;
}
