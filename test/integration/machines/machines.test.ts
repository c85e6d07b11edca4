import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { backtestRequestSchema } from "../../../src-preload/contract/research.ts";
import { RemotePool } from "../../../src-main/machines/remote-pool.ts";
import { Machine } from "../../../src-main/machines/worker.ts";
import { forkResearchProcess } from "../../../src-main/research/fork-process.ts";
import { plainMarket } from "../../../src-main/research/history.ts";
import type { History } from "../../../src-main/research/history.ts";
import { gridOf, sweepPoints } from "../../../src-main/research/sweep.ts";
import { hasRedis, RedisServer } from "./redis-server.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const { version } = packageJson;
const candles = standardCandles(3000);
const history: History = {
  symbol: "BTC/USDT",
  timeframe: "15m",
  market: plainMarket("BTC/USDT"),
  candles,
  references: new Map([["ETH/USDT", standardCandles(100)]]),
  metrics: new Map([
    ["nupl", { length: 2, time: Float64Array.of(0, 1), value: Float64Array.of(0.25, -0) }],
  ]),
  fine: null,
  funding: null,
  source: "the standard job",
};
const request = backtestRequestSchema.parse({
  strategy: "standard_bands",
  symbol: "BTC/USDT",
  timeframe: "15m",
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
  rules: {
    capital: 100_000,
    sizing: { kind: "notional", amount: 1000 },
    allowShort: true,
    slippage: { kind: "bps", bps: 5 },
    timing: "next_open",
    stopLoss: 0.02,
  },
});
/** Combinations of the standard strategy. */
const grid = (periods: number, deviations: number) =>
  gridOf({
    period: Array.from({ length: periods }, (_, i) => 5 + i),
    deviations: Array.from({ length: deviations }, (_, i) => 1 + i / 50),
  });

describe.skipIf(!hasRedis)("research machines (needs redis-server)", { timeout: 120_000 }, () => {
  let redis: RedisServer;
  let cache: string;
  let desk: RemotePool;
  const notices: string[] = [];
  const children: ChildProcess[] = [];
  const machines: Machine[] = [];

  const worker = (): ChildProcess => {
    const child = spawn(
      process.execPath,
      [join(ROOT, "scripts/worker/main.ts"), "--processes", "1", "--cache", cache],
      { env: { ...process.env, TICKDECK_REDIS_URL: redis.url }, stdio: ["ignore", "pipe", 2] },
    );
    children.push(child);
    return child;
  };
  const machine = (of = version): Machine => {
    const made = new Machine({
      url: redis.url,
      version: of,
      processes: 1,
      cache,
      spawn: () => forkResearchProcess(join(ROOT, "src-main/research-process.ts"), 512),
      say: () => {},
    });
    machines.push(made);
    return made;
  };
  const openDesk = (): RemotePool =>
    new RemotePool({ url: redis.url, version, onNotice: (sentence) => notices.push(sentence) });

  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), "tickdeck-worker-"));
    redis = await RedisServer.start();
    desk = openDesk();
    notices.length = 0;
  });
  afterEach(async () => {
    await desk.close();
    for (const made of machines.splice(0)) await made.stop(0);
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await redis.stop();
    rmSync(cache, { recursive: true, force: true });
  });

  it("gives the bytes of a run here, and leaves nothing in Redis but market data", async () => {
    machine();
    machine();
    const sets = grid(20, 20);
    const shares: number[] = [];
    const seen = new Set<string>();
    const points = await desk.sweep(request, sets, history, {
      onProgress: (share) => shares.push(share),
      onPart: (_first, _points, by) => seen.add(by),
    });
    expect(points).toEqual(sweepPoints(request, sets, history));
    expect(shares.at(-1)).toBe(1);
    expect(seen.size).toBe(2);
    const look = new Redis(redis.url);
    const keys = await look.keys("*");
    look.disconnect();
    expect(keys.filter((key) => /bull:.*:[0-9a-f]{32}-\d+$/u.test(key))).toEqual([]);
    expect(keys.some((key) => key.startsWith("tickdeck:blob:"))).toBe(true);
  });

  it("finishes with the same bytes though workers are killed in the middle", async () => {
    const sets = grid(100, 100);
    const started = [worker(), worker()];
    let parts = 0;
    const counted = new Map<number, number>();
    const points = await desk.sweep(request, sets, history, {
      onPart: (first) => {
        counted.set(first, (counted.get(first) ?? 0) + 1);
        parts += 1;
        if (parts === 20) {
          started[0]?.kill("SIGKILL");
          worker();
        }
        if (parts === 100) {
          started[1]?.kill("SIGKILL");
          worker();
        }
      },
    });
    expect(points).toEqual(sweepPoints(request, sets, history));
    expect([...counted.values()].every((times) => times === 1)).toBe(true);
  });

  it("finishes though Redis is killed and comes back empty", async () => {
    machine();
    const sets = grid(50, 50);
    let parts = 0;
    let back: Promise<void> | undefined;
    const points = await desk.sweep(request, sets, history, {
      onPart: () => {
        parts += 1;
        if (parts === 30) back = redis.down().then(() => redis.up());
      },
    });
    await back;
    expect(points).toEqual(sweepPoints(request, sets, history));
    expect(notices.some((sentence) => sentence.startsWith("Redis:"))).toBe(true);
  });

  it("goes on where a desk that closed was, without doing a part twice", async () => {
    const sets = grid(30, 30);
    const first = worker();
    let parts = 0;
    await expect(
      desk.sweep(request, sets, history, {
        onPart: () => {
          parts += 1;
          if (parts === 10) void desk.close();
        },
      }),
    ).rejects.toThrow("Tickdeck closes");
    desk = openDesk();
    const points = await desk.sweep(request, sets, history);
    expect(points).toEqual(sweepPoints(request, sets, history));
    const [view] = await desk.workers();
    // Every part once: a part that was done before is taken, not computed again.
    expect(view?.done ?? 0).toBeLessThanOrEqual(900 / 8 + 1);
    expect(first.exitCode).toBeNull();
  });

  it("cancels everywhere", async () => {
    worker();
    const stop = new AbortController();
    const sets = grid(100, 100);
    await expect(
      desk.sweep(request, sets, history, {
        signal: stop.signal,
        onPart: () => stop.abort(new Error("cancelled by the trader")),
      }),
    ).rejects.toThrow("cancelled by the trader");
    const look = new Redis(redis.url);
    await expect
      .poll(async () => {
        const waiting = await look.llen("bull:tickdeck-research:wait");
        const active = await look.llen("bull:tickdeck-research:active");
        return waiting + active;
      })
      .toBe(0);
    look.disconnect();
    // And asked for anew it runs.
    const few = sets.slice(0, 50);
    expect(await desk.sweep(request, few, history)).toEqual(sweepPoints(request, few, history));
  });

  it("refuses work of another version in one sentence", async () => {
    machine("0.0.1");
    await expect(desk.sweep(request, grid(2, 2), history)).rejects.toThrow(
      new RegExp(`0\\.0\\.1 and refuses work of ${version}: install ${version}`, "u"),
    );
  });

  it("says what is wrong with the address or the password, and never repeats it", async () => {
    expect(() => new RemotePool({ url: "localhost:1", version, onNotice: () => {} })).toThrow(
      "it must begin with redis:// or, encrypted, rediss://",
    );
    const stranger = new RemotePool({ url: redis.withoutPassword, version, onNotice: () => {} });
    const refused = await stranger.workers().catch((error: unknown) => String(error));
    expect(refused).toContain("Check the address and the password");
    expect(refused).not.toContain("secret");
    await stranger.close();
  });

  it("refuses parameters that are not allowed before anything is sent", async () => {
    await expect(desk.sweep(request, [{ period: -1 }], history)).rejects.toThrow("period");
  });

  it("fetches market data again where the cache is damaged, and has it sent again where Redis lost it", async () => {
    machine();
    const sets = grid(2, 2);
    await desk.sweep(request, sets, history);
    for (const file of readdirSync(cache)) writeFileSync(join(cache, file), "damaged");
    for (const made of machines.splice(0)) await made.stop(0);
    const look = new Redis(redis.url);
    const blobs = await look.keys("tickdeck:blob:*");
    machine();
    const again = desk.sweep(request, grid(3, 3), history);
    await look.del(...blobs);
    look.disconnect();
    expect(await again).toEqual(sweepPoints(request, grid(3, 3), history));
    expect(readdirSync(cache).every((file) => readFileSync(join(cache, file)).length > 7)).toBe(
      true,
    );
  });

  it("drains on SIGTERM: what is at work is finished and answered", async () => {
    const child = worker();
    const sets = grid(60, 60);
    let told = false;
    const running = desk.sweep(request, sets, history, {
      onPart: () => {
        if (!told) child.kill("SIGTERM");
        told = true;
      },
    });
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    worker();
    expect(await running).toEqual(sweepPoints(request, sets, history));
  });
});
