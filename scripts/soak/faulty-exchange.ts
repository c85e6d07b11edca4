import type { Clock } from "../../src-main/engine/clock.ts";
import { ExchangeError } from "../../src-main/engine/exchange/port.ts";
import type { Exchange } from "../../src-main/engine/exchange/port.ts";
import type { Chance } from "./chance.ts";
import type { Fuse } from "./fuse.ts";
import type { Fault } from "./options.ts";

const KINDS = ["network", "rate_limit", "refused", "bad_answer"] as const;
/** Share of requests that fail, that come late, and whose newest candle is not there yet. */
const ERROR_SHARE = 0.005;
const SLOW_SHARE = 0.01;
const SHORT_SHARE = 0.001;
/** Shortest and longest latency of a slow request, engine ms. */
const SLOW_MS = [50, 300_000] as const;

/** What the exchanges of all lives do together. */
export interface Weather {
  /** Nothing is answered while true. */
  outage: boolean;
  errors: number;
}

interface FaultyParts {
  readonly inner: Exchange;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly faults: ReadonlySet<Fault>;
  readonly weather: Weather;
  readonly fuse: Fuse;
}

/** An exchange as the internet brings it: late, failing, short of a candle, and gone for hours. */
export function faultyExchange(parts: FaultyParts): Exchange {
  const { inner, clock, chance, faults, weather, fuse } = parts;
  const noise = faults.has("errors");

  const slow = async (signal?: AbortSignal): Promise<void> => {
    if (faults.has("latency") && chance.hit(SLOW_SHARE))
      await clock.sleep(chance.spread(...SLOW_MS), signal);
  };
  const ask = async <T>(
    name: string,
    signal: AbortSignal | undefined,
    request: () => Promise<T>,
  ): Promise<T> => {
    await slow(signal);
    const answer = await fuse.pass(`exchange.${name}`, async () => {
      if (weather.outage || (noise && chance.hit(ERROR_SHARE))) {
        weather.errors += 1;
        const kind = weather.outage ? "network" : chance.pick(KINDS);
        throw new ExchangeError(kind, `${name} failed, as the soak wanted.`);
      }
      return await request();
    });
    await slow(signal);
    return answer;
  };

  return {
    id: inner.id,
    label: inner.label,
    maxCandles: inner.maxCandles,
    timeframes: inner.timeframes,
    markets: (signal) => ask("markets", signal, () => inner.markets(signal)),
    fetchCandles: async (symbol, timeframe, since, limit, signal) => {
      const candles = await ask("fetchCandles", signal, () =>
        inner.fetchCandles(symbol, timeframe, since, limit, signal),
      );
      // A tick asks for the newest candle and a few before it.
      return noise && limit < 10 && chance.hit(SHORT_SHARE) ? candles.slice(0, -1) : candles;
    },
    fetchMetric: (name, symbol, since, signal) =>
      ask("fetchMetric", signal, () => inner.fetchMetric(name, symbol, since, signal)),
    clockOffset: (signal) => ask("clockOffset", signal, () => inner.clockOffset(signal)),
    usage: () => inner.usage(),
    close: () => inner.close(),
  };
}
