import type {
  CandleFigures,
  FindingKind,
  FindingView,
} from "../../../src-preload/contract/data.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import { utc } from "../utc.ts";
import type { RefusedCandle } from "./integrity.ts";
import type { Candle, CandleChange } from "./types.ts";

export interface Finding {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly kind: FindingKind;
  /** Open time, ms UTC; null where it was no time. */
  readonly candleTime: number | null;
  readonly reason: string;
  readonly before: CandleFigures | null;
  readonly after: CandleFigures | null;
}

/** Where findings live: market.db. */
export interface FindingStore {
  /** The same finding again is counted, not written anew. */
  add(finding: Finding, foundAt: number): void;
  list(query: { readonly kinds: readonly FindingKind[]; readonly limit: number }): {
    readonly rows: readonly FindingView[];
    readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  };
  /** Keeps the newest `count`. */
  prune(count: number): void;
}

const figures = ({ open, high, low, close, volume }: Candle): CandleFigures => ({
  open,
  high,
  low,
  close,
  volume,
});

/** What differs, with both figures: "close 101.5 → 101.4, volume 12 → 13". */
function differences({ before, after }: CandleChange): string {
  return (["open", "high", "low", "close", "volume"] as const)
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${before[name]} → ${after[name]}`)
    .join(", ");
}

/** Keeps what was odd about candles, for the window and for good. */
export class Findings {
  readonly #store: FindingStore;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;

  constructor(store: FindingStore, clock: Clock, onError: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
  }

  refused(symbol: string, timeframe: Timeframe, refused: readonly RefusedCandle[]): void {
    for (const { candle, kind, reason } of refused) {
      const candleTime = Number.isFinite(candle.time) ? candle.time : null;
      const after = figures(candle);
      this.#add({
        symbol,
        timeframe,
        kind,
        candleTime,
        reason: `Refused: ${reason}.`,
        before: null,
        after,
      });
    }
  }

  revised(symbol: string, timeframe: Timeframe, changes: readonly CandleChange[]): void {
    for (const change of changes) {
      this.#add({
        symbol,
        timeframe,
        kind: "revised",
        candleTime: change.after.time,
        reason: `The exchange revised it: ${differences(change)}. The new figures are kept.`,
        before: figures(change.before),
        after: figures(change.after),
      });
    }
  }

  late(symbol: string, timeframe: Timeframe, expected: number): void {
    this.#add({
      symbol,
      timeframe,
      kind: "late",
      candleTime: expected,
      reason: "It had closed and the exchange did not have it; ticks on it did not trade.",
      before: null,
      after: null,
    });
  }

  /** The exchange was asked again for open times [from, to) and has none. */
  gap(symbol: string, timeframe: Timeframe, from: number, to: number, missing: number): void {
    this.#add({
      symbol,
      timeframe,
      kind: "gap",
      candleTime: from,
      reason: `The exchange has no candle from ${utc(from)} up to ${utc(to)} (${missing} missing); it is kept as a gap.`,
      before: null,
      after: null,
    });
  }

  #add(finding: Finding): void {
    try {
      this.#store.add(finding, this.#clock.now());
    } catch (error) {
      this.#onError(error);
    }
  }
}
