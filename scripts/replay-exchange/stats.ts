/** What was asked of candles, by symbol and interval. */
export interface CandleAsked {
  readonly requests: number;
  /** Answers that held the newest candle that had closed by then. */
  readonly newestServed: number;
  /** Different candles among those: the fewest requests that could have brought them. */
  readonly newestDistinct: number;
  /** Open times, ms UTC, of candles that were served as newest more than once, and how often. */
  readonly repeated: Readonly<Record<string, number>>;
  /** Requests by startTime, ms UTC; "none" where it was not given. */
  readonly byStartTime: Readonly<Record<string, number>>;
}

interface Asked {
  requests: number;
  readonly newest: Map<number, number>;
  readonly starts: Map<string, number>;
}

/** Counts requests, so that a test can prove that each closed candle was asked for once. */
export class Stats {
  #byPath: Record<string, number> = {};
  #byStatus: Record<string, number> = {};
  #klines = new Map<string, Asked>();
  #total = 0;

  request(method: string, path: string): void {
    this.#total += 1;
    count(this.#byPath, `${method} ${path}`);
  }

  answer(status: number | "none"): void {
    count(this.#byStatus, String(status));
  }

  /** `newest`: open time of the newest closed candle, where the answer held it. */
  candles(symbol: string, interval: string, startTime: number | null, newest: number | null): void {
    const key = `${symbol} ${interval}`;
    const asked: Asked = this.#klines.get(key) ?? {
      requests: 0,
      newest: new Map(),
      starts: new Map(),
    };
    this.#klines.set(key, asked);
    asked.requests += 1;
    const start = startTime === null ? "none" : String(startTime);
    asked.starts.set(start, (asked.starts.get(start) ?? 0) + 1);
    if (newest !== null) asked.newest.set(newest, (asked.newest.get(newest) ?? 0) + 1);
  }

  reset(): void {
    this.#byPath = {};
    this.#byStatus = {};
    this.#klines = new Map();
    this.#total = 0;
  }

  report(): {
    readonly requests: number;
    readonly byPath: Readonly<Record<string, number>>;
    readonly byStatus: Readonly<Record<string, number>>;
    readonly klines: Readonly<Record<string, CandleAsked>>;
  } {
    const klines = [...this.#klines].map(
      ([key, { requests, newest, starts }]): [string, CandleAsked] => {
        const times = [...newest.values()];
        return [
          key,
          {
            requests,
            newestServed: times.reduce((sum, each) => sum + each, 0),
            newestDistinct: newest.size,
            repeated: Object.fromEntries([...newest].filter(([, served]) => served > 1)),
            byStartTime: Object.fromEntries(starts),
          },
        ];
      },
    );
    return {
      requests: this.#total,
      byPath: { ...this.#byPath },
      byStatus: { ...this.#byStatus },
      klines: Object.fromEntries(klines),
    };
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
