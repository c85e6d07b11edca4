import type { CorrelationView, RegimeView } from "../../../src-preload/contract/market.ts";
import type { Regime } from "../../../src-preload/contract/ticks.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import { correlationAt, simpleReturns } from "../indicators/correlation.ts";
import { REGIME_CANDLES, regimeOf } from "./regime.ts";
import type { CandleColumns, CandleStore } from "./types.ts";

/** Returns that a correlation is made of at most, and the fewest that make one. */
const WINDOW = 100;
const FEWEST = 20;

interface SymbolInUse {
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

interface OverviewParts {
  readonly store: CandleStore;
  /** One for each bot. */
  readonly inUse: () => readonly SymbolInUse[];
}

interface Known {
  /** What it was read from. */
  readonly source: Timeframe;
  readonly candleTime: number | null;
  readonly close: number | null;
  readonly regime: Regime | null;
  /** Times and simple returns of the last candles. */
  readonly time: Float64Array;
  readonly returns: Float64Array;
}

/**
 * The state of all markets in use, from stored candles. A series is looked at anew once a candle of it has closed, so
 * that asking between two candles costs nothing.
 */
export class MarketOverview {
  readonly #parts: OverviewParts;
  readonly #known = new Map<string, Known | null>();
  readonly #pairs = new Map<string, number | null>();

  constructor(parts: OverviewParts) {
    this.#parts = parts;
  }

  /** A candle of this series has closed, or one was revised. */
  changed(symbol: string, timeframe: Timeframe): void {
    const stale = TIMEFRAMES.filter((each) => {
      const known = this.#known.get(`${symbol} ${each}`);
      return each === timeframe || known === null || known?.source === timeframe;
    });
    for (const each of stale) this.#known.delete(`${symbol} ${each}`);
    for (const key of this.#pairs.keys()) {
      const [first, second, of] = key.split(" ");
      if (first !== symbol && second !== symbol) continue;
      if (stale.some((each) => each === of)) this.#pairs.delete(key);
    }
  }

  /** By symbol and timeframe. */
  regimes(): readonly RegimeView[] {
    const bots = new Map<string, SymbolInUse & { bots: number }>();
    for (const { symbol, timeframe } of this.#parts.inUse()) {
      const key = `${symbol} ${timeframe}`;
      const entry = bots.get(key) ?? { symbol, timeframe, bots: 0 };
      entry.bots += 1;
      bots.set(key, entry);
    }
    return [...bots.values()]
      .toSorted(
        (a, b) =>
          a.symbol.localeCompare(b.symbol) || timeframeMs(a.timeframe) - timeframeMs(b.timeframe),
      )
      .map((entry) => {
        const known = this.#look(entry.symbol, entry.timeframe);
        return {
          ...entry,
          regime: known?.regime ?? null,
          candleTime: known?.candleTime ?? null,
          close: known?.close ?? null,
        };
      });
  }

  /**
   * Pearson correlation of the last simple returns, each pair over the candles that both have. A symbol of which this
   * timeframe is not stored is taken from a shorter one. `timeframe` null: the one that most symbols are used on.
   */
  correlations(timeframe: Timeframe | null): CorrelationView {
    const inUse = this.#parts.inUse();
    const count = (of: Timeframe): number =>
      new Set(inUse.filter((use) => use.timeframe === of).map(({ symbol }) => symbol)).size;
    const chosen = timeframe ?? TIMEFRAMES.toSorted((a, b) => count(b) - count(a))[0] ?? "1h";
    const symbols = [...new Set(inUse.map(({ symbol }) => symbol))].toSorted();
    let candleTime: number | null = null;
    for (const symbol of symbols) {
      const known = this.#look(symbol, chosen);
      if (known?.candleTime != null) candleTime = Math.max(candleTime ?? 0, known.candleTime);
    }
    const matrix = symbols.map((row) => symbols.map((column) => this.#pair(row, column, chosen)));
    return { timeframe: chosen, window: WINDOW, symbols, matrix, candleTime };
  }

  #pair(first: string, second: string, timeframe: Timeframe): number | null {
    if (first === second) return 1;
    const [low, high] = first < second ? [first, second] : [second, first];
    const key = `${low} ${high} ${timeframe}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const a = this.#look(low, timeframe);
    const b = this.#look(high, timeframe);
    const value = a === null || b === null ? null : correlationOf(a, b);
    this.#pairs.set(key, value);
    return value;
  }

  #look(symbol: string, timeframe: Timeframe): Known | null {
    const key = `${symbol} ${timeframe}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const next = this.#read(symbol, timeframe);
    this.#known.set(key, next);
    return next;
  }

  #read(symbol: string, timeframe: Timeframe): Known | null {
    const { store } = this.#parts;
    const length = timeframeMs(timeframe);
    const source = TIMEFRAMES.findLast(
      (each) =>
        timeframeMs(each) <= length &&
        length % timeframeMs(each) === 0 &&
        store.range(symbol, each) !== null,
    );
    const last = source === undefined ? undefined : store.range(symbol, source)?.last;
    if (source === undefined || last === undefined) return null;
    const step = timeframeMs(source);
    // Somewhat more than is needed, since an outage of the exchange leaves some out.
    const candles = (source === timeframe ? 2 * REGIME_CANDLES : WINDOW + 20) * length;
    const columns = store.read(symbol, source, last - candles, last + step);
    const { time, close } = closesOf(columns, step, length);
    const start = Math.max(0, close.length - WINDOW - 1);
    return {
      source,
      candleTime: time.at(-1) ?? null,
      close: close.at(-1) ?? null,
      regime: source === timeframe ? regimeOf(columns) : null,
      time: time.slice(start + 1),
      returns: simpleReturns(close.slice(start)).slice(1),
    };
  }
}

/** Open times and closes of candles of `length` ms; of shorter ones (`step` ms) those that end one. */
function closesOf(
  { time, close }: CandleColumns,
  step: number,
  length: number,
): { readonly time: Float64Array; readonly close: Float64Array } {
  if (step === length) return { time, close };
  const ends = (at: number): boolean => (at + step) % length === 0;
  return {
    time: time.filter(ends).map((at) => at + step - length),
    close: close.filter((_, i) => ends(time[i] ?? Number.NaN)),
  };
}

/** Over the times that both have; null where they are too few or one of them does not vary. */
function correlationOf(a: Known, b: Known): number | null {
  const left: number[] = [];
  const right: number[] = [];
  let j = 0;
  for (let i = 0; i < a.time.length; i += 1) {
    const time = a.time[i] ?? Number.NaN;
    while ((b.time[j] ?? Number.POSITIVE_INFINITY) < time) j += 1;
    if (b.time[j] !== time) continue;
    left.push(a.returns[i] ?? Number.NaN);
    right.push(b.returns[j] ?? Number.NaN);
  }
  const { length } = left;
  if (length < FEWEST) return null;
  const value = correlationAt(
    Float64Array.from(left),
    Float64Array.from(right),
    length - 1,
    length,
  );
  return Number.isFinite(value) ? value : null;
}
