import type { Market } from "../market/types.ts";

/** One coin of the synthetic market. */
export interface Asset {
  readonly market: Market;
  /** Price around which it wanders, quote currency. */
  readonly level: number;
  /** Response of its log price to the market's. */
  readonly beta: number;
  /** Its own deviation a day, log price. */
  readonly idiosyncratic: number;
  /** Usual turnover a day, base currency. */
  readonly dailyVolume: number;
  /** Ticks in one unit of quote currency: prices are whole ticks divided by this. */
  readonly ticksPerUnit: number;
  /**
   * Volumes are whole multiples of 1 / this. A power of two, so that sums of volumes are exact in binary and a 4 h
   * candle's volume equals the sum of its 15 m candles to the last bit; also a whole number of lot steps.
   */
  readonly quantaPerUnit: number;
}

type Row = readonly [
  base: string,
  level: number,
  tickSize: string,
  lotStep: string,
  beta: number,
  idiosyncratic: number,
  dailyVolume: number,
];

const ROWS: readonly Row[] = [
  ["BTC", 62_000, "0.01", "0.00001", 1, 0.008, 28_000],
  ["ETH", 3_100, "0.01", "0.0001", 1.1, 0.013, 420_000],
  ["BNB", 560, "0.01", "0.001", 0.85, 0.014, 700_000],
  ["SOL", 145, "0.01", "0.001", 1.35, 0.026, 4_200_000],
  ["XRP", 0.58, "0.0001", "1", 0.9, 0.027, 450_000_000],
  ["ADA", 0.45, "0.0001", "0.1", 1.15, 0.023, 150_000_000],
  ["AVAX", 30, "0.01", "0.01", 1.35, 0.028, 3_000_000],
  ["DOGE", 0.13, "0.00001", "1", 1.2, 0.031, 1_400_000_000],
  ["LINK", 14, "0.001", "0.01", 1.15, 0.026, 5_000_000],
  ["LTC", 78, "0.01", "0.001", 0.9, 0.021, 1_000_000],
  ["DOT", 6.3, "0.001", "0.01", 1.15, 0.023, 8_000_000],
  ["NEAR", 5, "0.001", "0.1", 1.35, 0.033, 12_000_000],
  ["ATOM", 7.5, "0.001", "0.01", 1.1, 0.026, 4_000_000],
  ["ARB", 0.85, "0.0001", "0.1", 1.3, 0.029, 60_000_000],
  ["OP", 1.9, "0.0001", "0.01", 1.35, 0.031, 30_000_000],
  ["INJ", 23, "0.01", "0.01", 1.4, 0.036, 1_600_000],
];

const decimalsOf = (step: string): number => step.split(".")[1]?.length ?? 0;

/** The sixteen coins against USDT by unified symbol, with steps and limits as a large exchange states them. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  ROWS.map(([base, level, tickSize, lotStep, beta, idiosyncratic, dailyVolume]) => {
    const symbol = `${base}/USDT`;
    const asset: Asset = {
      market: { symbol, base, quote: "USDT", tickSize, lotStep, minNotional: "5" },
      level,
      beta,
      idiosyncratic,
      dailyVolume,
      ticksPerUnit: 10 ** decimalsOf(tickSize),
      quantaPerUnit: 2 ** decimalsOf(lotStep),
    };
    return [symbol, asset];
  }),
);
