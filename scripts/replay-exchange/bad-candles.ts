/** What can be wrong with candles that an exchange gives. */
export const BAD_CANDLES = [
  "high-below-low",
  "zero",
  "negative",
  "nan",
  "off-grid",
  "duplicate",
  "swapped",
  "revised",
  "missing",
] as const;
export type BadCandles = (typeof BAD_CANDLES)[number];

type Kline = readonly unknown[];

/** A kline with one thing wrong: time, open, high, low, close are its first fields. */
function spoiled(kline: Kline, what: BadCandles): readonly Kline[] {
  const [time, open, high, low, close, ...rest] = kline;
  switch (what) {
    case "high-below-low":
      return [[time, open, low, high, close, ...rest]];
    case "zero":
      return [[time, open, high, "0.00000000", close, ...rest]];
    case "negative":
      return [[time, open, high, `-${String(low)}`, close, ...rest]];
    case "nan":
      return [[time, open, high, low, "NaN", ...rest]];
    case "off-grid":
      return [[Number(time) + 1, open, high, low, close, ...rest]];
    case "duplicate":
      return [kline, kline];
    case "revised":
      return [[time, open, String(Number(high) * 1.5), low, close, ...rest]];
    case "missing":
      return [];
    case "swapped":
      return [kline];
  }
}

/** Klines with those that open in [from, to) spoiled; without a span, the last. Anything but klines stays as it is. */
export function spoil(
  answer: unknown,
  what: BadCandles,
  span: { readonly from: number; readonly to: number } | null,
): unknown {
  if (!Array.isArray(answer)) return answer;
  const klines = answer as readonly Kline[];
  if (what === "swapped") return klines.toReversed();
  return klines.flatMap((kline, i) => {
    const time = Number(kline[0]);
    const hit = span === null ? i === klines.length - 1 : time >= span.from && time < span.to;
    return hit ? spoiled(kline, what) : [kline];
  });
}
