import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";

export const DAY = 86_400_000;
export const FIRST = Date.UTC(2024, 0, 1);

export type Days = readonly { readonly time: number; readonly value: number }[];

/** Values that look like the real ones, a day each from FIRST on. */
export const madeUp = (days: number, at: (day: number) => number): Days =>
  Array.from({ length: days }, (_, i) => ({ time: FIRST + i * DAY, value: at(i) }));

const shared = resolve(import.meta.dirname, "../../../../shared/data/metrics");

/** A real series of the shared data, or null where that is not there. */
export function real(name: string): Days | null {
  const file = resolve(shared, `${name}.csv.gz`);
  if (!existsSync(file)) return null;
  return gunzipSync(readFileSync(file))
    .toString("utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [time = "", value = ""] = line.split(",");
      return { time: Number(time), value: Number(value) };
    });
}

export interface Served {
  fearGreed: Days;
  stablecoins: Days;
  mvrv: Days;
}

/** A loopback server that answers as the three public sources do. `answer` may put another answer in their place. */
export class Sources {
  readonly asked: URL[] = [];
  served: Served;
  /** Status and body instead of the usual answer; null for the usual one. */
  answer: (url: URL) => { readonly status: number; readonly body: string } | "hang" | null = () =>
    null;
  #server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    this.asked.push(url);
    const other = this.answer(url);
    if (other === "hang") return;
    response.writeHead(other?.status ?? 200, { "content-type": "application/json" });
    response.end(other?.body ?? JSON.stringify(this.#usual(url)));
  });

  constructor(served: Served) {
    this.served = served;
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #usual(url: URL): unknown {
    if (url.pathname === "/fng/") {
      const newest = this.served.fearGreed
        .toReversed()
        .slice(0, Number(url.searchParams.get("limit")));
      return {
        name: "Fear and Greed Index",
        data: newest.map(({ time, value }, i) => ({
          value: String(value),
          value_classification: "Neutral",
          timestamp: String(time / 1000),
          ...(i === 0 ? { time_until_update: "4321" } : {}),
        })),
        metadata: { error: null },
      };
    }
    if (url.pathname === "/stablecoincharts/all") {
      return this.served.stablecoins.map(({ time, value }) => ({
        date: String(time / 1000),
        totalCirculating: { peggedUSD: value, peggedEUR: 1e8 },
        totalUnreleased: { peggedUSD: 0 },
        totalCirculatingUSD: { peggedUSD: value * 1.0001, peggedEUR: 1.1e8 },
        totalMintedUSD: { peggedUSD: 0 },
      }));
    }
    return this.#page(url);
  }

  /** Coin Metrics: pages, at most 1000 rows each here. */
  #page(url: URL): unknown {
    const start = Date.parse(url.searchParams.get("start_time") ?? "");
    const rows = this.served.mvrv.filter(({ time }) => time >= start);
    const from = Number(url.searchParams.get("next_page_token") ?? 0);
    const size = Math.min(1000, Number(url.searchParams.get("page_size")));
    return {
      data: rows.slice(from, from + size).map(({ time, value }) => ({
        asset: "btc",
        time: new Date(time).toISOString().replace("Z", "000000Z"),
        CapMVRVCur: String(value),
      })),
      ...(from + size < rows.length ? { next_page_token: String(from + size) } : {}),
    };
  }
}
