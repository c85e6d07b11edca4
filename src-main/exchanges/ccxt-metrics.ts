import type { Clock } from "../engine/clock.ts";
import { ExchangeError, type MetricPoint } from "../engine/exchange/port.ts";
import type { MetricName } from "../engine/market/types.ts";
import type { CcxtSession } from "./ccxt-session.ts";

const HOUR_MS = 3_600_000;
const FUNDING_PAGE = 1000;
const PERIOD_PAGE = 500;
/** Binance keeps open interest and account ratios for 30 days and refuses an older start; an hour is kept in hand. */
const PERIOD_HISTORY_MS = 30 * 24 * HOUR_MS - HOUR_MS;

/** One published value as ccxt hands it on. */
interface RawPoint {
  readonly timestamp: number | undefined;
  readonly value: number | undefined;
}

/**
 * Reads a metric of the symbol's USDT-margined perpetual, points in [since, now], oldest first. Funding is a fraction an
 * interval, open interest is in quote currency, the ratio is accounts long over accounts short; the latter two hourly and
 * for 30 days only. Rejects with kind "unsupported" on every exchange but Binance.
 */
export async function readMetric(
  session: CcxtSession,
  clock: Clock,
  name: MetricName,
  symbol: string | null,
  since: number,
  signal: AbortSignal | undefined,
): Promise<readonly MetricPoint[]> {
  if (name === "nupl" || name === "stablecoin_supply") {
    throw new ExchangeError(
      "unsupported",
      `${session.label} does not publish ${name}; choose another source for it, such as a CSV file.`,
    );
  }
  if (session.ccxt.id !== "binance") {
    throw new ExchangeError(
      "unsupported",
      `${name} is read from Binance only, not from ${session.label}; choose binance or another source for it.`,
    );
  }
  if (symbol === null) {
    throw new ExchangeError(
      "unsupported",
      `${session.label} publishes ${name} by symbol; name a symbol.`,
    );
  }
  const what = `${name} of ${symbol}`;
  const futures = await session.futures();
  if (futures.markets === undefined) {
    // Not the caller's signal: the load is shared. reload, since ccxt keeps a failed first load for ever.
    await session.call("its futures markets", undefined, () => futures.loadMarkets(true));
  }
  const perpetual = `${symbol}:${symbol.split("/")[1] ?? ""}`;
  if (futures.markets?.[perpetual] === undefined) {
    throw new ExchangeError(
      "unsupported",
      `${session.label} has no perpetual of ${symbol}, so there is no ${name}; choose a symbol that has one.`,
    );
  }
  const ask = (question: () => Promise<readonly RawPoint[]>): Promise<readonly RawPoint[]> =>
    session.call(what, signal, question);

  const raw: RawPoint[] = [];
  const now = clock.now();
  if (name === "funding_rate") {
    for (let from = since; from <= now;) {
      const page = await ask(async () => {
        const rates = await futures.fetchFundingRateHistory(perpetual, from, FUNDING_PAGE);
        return rates.map((rate) => ({ timestamp: rate.timestamp, value: rate.fundingRate }));
      });
      raw.push(...page);
      const last = page.at(-1)?.timestamp;
      if (page.length < FUNDING_PAGE || last === undefined) break;
      from = last + 1;
    }
  } else {
    for (
      let from = Math.max(since, now - PERIOD_HISTORY_MS);
      from <= now;
      from += PERIOD_PAGE * HOUR_MS
    ) {
      const until = Math.min(now, from + PERIOD_PAGE * HOUR_MS - 1);
      raw.push(
        ...(await ask(async () => {
          if (name === "open_interest") {
            const points = await futures.fetchOpenInterestHistory(
              perpetual,
              "1h",
              from,
              PERIOD_PAGE,
              {
                until,
              },
            );
            return points.map((point) => ({
              timestamp: point.timestamp,
              value: point.openInterestValue,
            }));
          }
          const points = await futures.fetchLongShortRatioHistory(
            perpetual,
            "1h",
            from,
            PERIOD_PAGE,
            {
              until,
            },
          );
          return points.map((point) => ({
            timestamp: point.timestamp,
            value: point.longShortRatio,
          }));
        })),
      );
    }
  }
  return pointsOf(raw, since, now, session.label, what);
}

/** Sorted, without doubles. An unreadable value refuses the whole answer: leaving it out would look like a gap. */
function pointsOf(
  raw: readonly RawPoint[],
  since: number,
  now: number,
  label: string,
  what: string,
): readonly MetricPoint[] {
  const byTime = new Map<number, number>();
  for (const { timestamp, value } of raw) {
    if (
      timestamp === undefined ||
      value === undefined ||
      !Number.isFinite(timestamp) ||
      !Number.isFinite(value)
    ) {
      throw new ExchangeError(
        "bad_answer",
        `${label} answered an unreadable value when asked for ${what}; it is asked again later.`,
      );
    }
    if (timestamp >= since && timestamp <= now) byTime.set(timestamp, value);
  }
  return [...byTime].toSorted((a, b) => a[0] - b[0]).map(([time, value]) => ({ time, value }));
}
