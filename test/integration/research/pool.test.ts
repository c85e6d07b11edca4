import { resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { standardCandles } from "../../../bench/backtest/standard-candles.ts";
import { EngineFault } from "../../../src-main/engine/fault.ts";
import { forkResearchProcess } from "../../../src-main/research/fork-process.ts";
import { ResearchPool } from "../../../src-main/research/pool.ts";
import type { ResearchProcess } from "../../../src-main/research/pool.ts";
import { runBacktest } from "../../../src-main/research/report.ts";
import { gridOf, sweepPoints } from "../../../src-main/research/sweep.ts";
import { historyOf, requestOf, STANDARD_RULES } from "../../unit/research/requests.ts";

const ENTRY = resolve(import.meta.dirname, "../../../src-main/research-process.ts");
const candles = standardCandles(20_000);
const history = historyOf(candles);
const request = requestOf({ rules: STANDARD_RULES });

const pools: ResearchPool[] = [];
function makePool(size: number, memoryMb = 256) {
  const processes: ResearchProcess[] = [];
  const notices: string[] = [];
  const pool = new ResearchPool({
    size,
    spawn: () => {
      const made = forkResearchProcess(ENTRY, memoryMb);
      processes.push(made);
      return made;
    },
    onNotice: (sentence) => notices.push(sentence),
  });
  pools.push(pool);
  return { pool, processes, notices };
}
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("research processes", () => {
  it("give the report that a run in this process gives", async () => {
    const { pool } = makePool(1);
    const { ms: _, ...report } = await pool.backtest(request, history);
    const { ms: __, ...here } = runBacktest(request, history);
    expect(report).toStrictEqual(here);
    expect(report.trades.length).toBeGreaterThan(500);
  });

  it("share a sweep between them with the results of single runs, in order", async () => {
    const { pool, processes } = makePool(2);
    const grid = gridOf({ period: [10, 15, 20, 25], deviations: [1, 1.5, 2, 2.5] });
    const shares: number[] = [];
    const points = await pool.sweep(request, grid, history, {
      onProgress: (share) => shares.push(share),
    });
    expect(points).toStrictEqual(sweepPoints(request, grid, history));
    expect(points).toStrictEqual(grid.map((set) => sweepPoints(request, [set], history)[0]));
    expect(points.map((point) => point.params)).toStrictEqual(grid);
    expect(shares.at(-1)).toBe(1);
    expect(processes).toHaveLength(2);
  });

  it("sweep strategies of the per-candle form as well", async () => {
    const { pool } = makePool(2);
    const short = historyOf(standardCandles(1500));
    const asked = requestOf({ strategy: "mean_reversion_bb" });
    const grid = gridOf({ bandDeviations: [1, 2] });
    const points = await pool.sweep(asked, grid, short);
    expect(points).toStrictEqual(sweepPoints(asked, grid, short));
    expect(points[0]?.trades).toBeGreaterThan(points[1]?.trades ?? 0);
  });

  it("say what is wrong with a request and go on", async () => {
    const { pool, processes } = makePool(1);
    const wrong = { ...request, strategy: "nothing" };
    const fault = await caught(pool.backtest(wrong, history));
    expect(fault).toBeInstanceOf(EngineFault);
    expect(fault).toMatchObject({ code: "invalid", field: "strategy" });
    const sweep = await caught(pool.sweep(request, [{ period: 20 }, { period: 1 }], history));
    expect(sweep).toMatchObject({ code: "invalid", field: "params.period" });
    await pool.backtest(request, history);
    expect(processes).toHaveLength(1);
  });

  it("survive the end of one of them: its job is told, another takes its place", async () => {
    const { pool, processes, notices } = makePool(1);
    await pool.backtest(request, history);
    const slow = requestOf({ strategy: "momentum_rsi_macd" });
    const lost = caught(
      pool.backtest(slow, history, {
        onProgress: () => {
          process.kill(processes[0]?.pid ?? 0, "SIGKILL");
        },
      }),
    );
    const next = pool.backtest(request, history);
    expect(await lost).toMatchObject({
      code: "internal",
      message: expect.stringMatching(/ended \(signal SIGKILL\); its back-test is lost/u),
    });
    expect((await next).trades.length).toBeGreaterThan(500);
    expect(processes).toHaveLength(2);
    expect(notices).toHaveLength(1);
  });

  it("stop at once when cancelled, whatever they are at, and take the next job", async () => {
    const { pool, processes, notices } = makePool(1);
    await pool.backtest(request, history);
    const stop = new AbortController();
    const shares: number[] = [];
    const running = caught(
      pool.backtest(requestOf({ strategy: "momentum_rsi_macd" }), history, {
        signal: stop.signal,
        onProgress: (share) => {
          shares.push(share);
          stop.abort(new Error("cancelled by hand"));
        },
      }),
    );
    const waiting = new AbortController();
    const queued = caught(pool.backtest(request, history, { signal: waiting.signal }));
    waiting.abort(new Error("not wanted any more"));
    expect(await queued).toMatchObject({ message: "not wanted any more" });
    expect(await running).toMatchObject({ message: "cancelled by hand" });
    expect(shares).toHaveLength(1);
    expect(shares[0]).toBeLessThan(1);
    await pool.backtest(request, history);
    expect(processes).toHaveLength(2);
    expect(notices).toStrictEqual([]);
  });

  it("give up where no process can be started, in a sentence", async () => {
    const notices: string[] = [];
    const pool = new ResearchPool({
      size: 1,
      spawn: () => forkResearchProcess(resolve(import.meta.dirname, "nowhere.ts"), 64),
      onNotice: (sentence) => notices.push(sentence),
    });
    pools.push(pool);
    expect(await caught(pool.backtest(request, history))).toMatchObject({ code: "unavailable" });
    expect(notices.at(-1)).toMatch(/cannot be started here/u);
    expect(await caught(pool.backtest(request, history))).toMatchObject({ code: "unavailable" });
  });

  it("end with what waits in them", async () => {
    const { pool } = makePool(1);
    const waiting = caught(pool.backtest(request, history));
    pool.close();
    expect(await waiting).toMatchObject({ code: "unavailable" });
  });
});
