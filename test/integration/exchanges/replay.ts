import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Exchange as CcxtExchange } from "ccxt";
import {
  startReplayExchange,
  type ReplayOptions,
  type RunningReplay,
} from "../../../scripts/replay-exchange/server.ts";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import type { Exchange } from "../../../src-main/engine/exchange/port.ts";
import { createCcxtExchange } from "../../../src-main/exchanges/ccxt-exchange.ts";
import { loadExchangeClass, redirectUrls } from "../../../src-main/exchanges/ccxt-load.ts";

const DATA = new URL("../../../../shared/data/", import.meta.url).pathname;
/** Without the recordings every test here runs on the synthetic market, and those on the recordings' content are skipped. */
export const hasRecordings = existsSync(`${DATA}candles`);

export const START = Date.parse("2024-03-01T00:05:00Z");

const open: (() => Promise<void>)[] = [];

/** Closes everything that these helpers opened. */
export async function closeAll(): Promise<void> {
  for (const close of open.splice(0).toReversed()) await close();
}

/** A replay exchange on a clock that only the test moves. */
export async function replay(options: Partial<ReplayOptions> = {}): Promise<RunningReplay> {
  const running = await startReplayExchange({
    data: hasRecordings ? DATA : null,
    synthetic: true,
    from: START,
    manualClock: true,
    ...options,
  });
  open.push(() => running.close());
  return running;
}

/** The adapter, pointed at `url`, on virtual time. */
export async function adapter(
  url: string,
  options: {
    readonly id?: string;
    readonly timeoutMs?: number;
    readonly clock?: VirtualClock;
  } = {},
): Promise<{ exchange: Exchange; clock: VirtualClock; notes: string[] }> {
  const clock = options.clock ?? new VirtualClock(START);
  const notes: string[] = [];
  const exchange = await createCcxtExchange({
    id: options.id ?? "binance",
    baseUrl: url,
    clock,
    onNote: (note) => notes.push(note),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  open.push(() => exchange.close());
  return { exchange, clock, notes };
}

/** Lets virtual time pass only while the work waits for it, so that real I/O takes as long as it takes. */
export async function driven<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  const release = clock.hold();
  const settled = work.finally(release);
  settled.catch(() => undefined);
  await clock.advance(3_600_000);
  return settled;
}

/** ccxt's own class with keys and without any of our wrapping, as a trader's script would use it. */
export async function rawBinance(
  running: RunningReplay,
  config: object = {},
): Promise<CcxtExchange> {
  const Binance = await loadExchangeClass("binance");
  const exchange = new Binance({
    apiKey: "key",
    secret: "secret",
    enableRateLimit: false,
    ...config,
  });
  exchange.urls["api"] = redirectUrls(exchange.urls["api"], running.url) as Record<string, string>;
  exchange.milliseconds = () => running.now();
  return exchange;
}

/** The rows of a recording's CSV as numbers. */
export function recording(name: string): readonly (readonly number[])[] {
  const text = gunzipSync(readFileSync(`${DATA}${name}.csv.gz`)).toString();
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map(Number));
}
