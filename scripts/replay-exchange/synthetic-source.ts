import { VirtualClock } from "../../src-main/engine/clock-virtual.ts";
import type { MetricPoint } from "../../src-main/engine/exchange/port.ts";
import { SyntheticExchange } from "../../src-main/engine/exchange/synthetic-exchange.ts";
import type { Candle } from "../../src-main/engine/market/types.ts";
import { TIMEFRAMES, timeframeMs } from "../../src-preload/contract/time.ts";
import { splitSymbol, type FuturesMetric, type MarketSource, type SourceSymbol } from "./source.ts";

const MINUTE = 60_000;

/** The built-in synthetic market behind the same endpoints, for machines without recordings. */
export class SyntheticSource implements MarketSource {
  readonly description = "candles of the built-in synthetic market";
  readonly symbols: readonly SourceSymbol[];
  readonly #market: SyntheticExchange;
  /** Only tells the time; it is set to each request's own. */
  readonly #clock: VirtualClock;

  private constructor(
    market: SyntheticExchange,
    clock: VirtualClock,
    symbols: readonly SourceSymbol[],
  ) {
    this.#market = market;
    this.#clock = clock;
    this.symbols = symbols;
  }

  static async open(from: number, seed: number): Promise<SyntheticSource> {
    const clock = new VirtualClock(from);
    const market = new SyntheticExchange({ clock, seed });
    const symbols = [...(await market.markets()).values()].map((each) => ({
      id: `${each.base}${each.quote}`,
      base: each.base,
      quote: each.quote,
      tickSize: each.tickSize,
      stepSize: each.lotStep,
      minNotional: each.minNotional,
    }));
    return new SyntheticSource(market, clock, symbols);
  }

  async candles(
    id: string,
    intervalMs: number,
    from: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]> {
    const symbol = unified(id);
    const timeframe = TIMEFRAMES.find((each) => timeframeMs(each) === intervalMs);
    if (symbol === null || timeframe === undefined) return [];
    this.#tell(now);
    const found: Candle[] = [];
    // It hands out a thousand at once.
    for (let since = from; found.length < limit;) {
      const page = await this.#market.fetchCandles(symbol, timeframe, since, limit - found.length);
      found.push(...page.filter(({ time }) => time <= to));
      const last = page.at(-1);
      if (last === undefined || page.length < this.#market.maxCandles || last.time > to) break;
      since = last.time + intervalMs;
    }
    return found;
  }

  latest(
    id: string,
    intervalMs: number,
    to: number,
    limit: number,
    now: number,
  ): Promise<readonly Candle[]> {
    const end = Math.min(to, now);
    const last = end - (end % intervalMs);
    return this.candles(id, intervalMs, last - (limit - 1) * intervalMs, to, limit, now);
  }

  async price(id: string, now: number): Promise<number | null> {
    const [candle] = await this.latest(id, MINUTE, now, 1, now);
    return candle?.close ?? null;
  }

  async finest(): Promise<number> {
    return MINUTE;
  }

  async metric(
    name: FuturesMetric,
    id: string,
    from: number,
    now: number,
  ): Promise<readonly MetricPoint[]> {
    const symbol = unified(id);
    if (symbol === null) return [];
    this.#tell(now);
    return this.#market.fetchMetric(name, symbol, from);
  }

  #tell(now: number): void {
    this.#clock.jump(Math.max(0, now - this.#clock.now()));
  }
}

function unified(id: string): string | null {
  const assets = splitSymbol(id);
  return assets === null ? null : `${assets.base}/${assets.quote}`;
}
