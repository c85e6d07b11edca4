import { beforeEach, describe, expect, it } from "vitest";
import type { StrategyInput, Decision } from "../../../src-main/engine/strategies/types.ts";
import { STRATEGIES } from "../../../src-main/engine/strategies/registry.ts";
import { sealed } from "../../../src-main/engine/strategies/sealed.ts";
import { checkLookahead } from "../../../src-main/research/lookahead.ts";
import type { CheckedStrategy, LookaheadReport } from "../../../src-main/research/lookahead.ts";
import { generatedWorld, inputAt } from "../engine/strategies/market.ts";
import type { World } from "../engine/strategies/market.ts";

type Input = StrategyInput<Readonly<Record<string, unknown>>>;

const world = generatedWorld("1h", 900, 3);
const WARMUP = 60;

const planted = (
  decide: (input: Input) => Decision | Promise<Decision>,
  warmup = WARMUP,
): CheckedStrategy => ({
  id: "planted",
  warmup: () => warmup,
  needs: () => ({ references: ["BTC/USDT"], metrics: ["nupl"], metricWindowMs: 400 * 86_400_000 }),
  decide,
});

const check = (strategy: CheckedStrategy, on: World = world): Promise<LookaheadReport> =>
  checkLookahead({ strategy, params: {}, ...on });

/** Goes long when the figure says so, out when it does not. */
function follow(input: Input, figure: number): Decision {
  const reason = `figure ${figure}`;
  const close = input.candles.close.at(-1) ?? 0;
  if (input.position !== null) {
    return { action: figure > 0 ? "hold" : "exit", reason, conditions: [] };
  }
  return figure > 0
    ? {
        action: "enter",
        side: "long",
        confidence: 1,
        stopPrice: close * 0.9,
        sizeFactor: 1,
        reason,
        conditions: [],
      }
    : { action: "hold", reason, conditions: [] };
}

const closeOf = ({ candles }: Input): number => candles.close.at(-1) ?? 0;

/** What lies in the memory behind a column, from its end on. */
const beyond = (column: Float64Array): Float64Array =>
  new Float64Array(column.buffer, column.byteOffset + column.byteLength);

describe("strategies that cheat are caught", () => {
  it("one that reads the next close through the buffer behind its column", async () => {
    const report = await check(
      planted((input) =>
        follow(input, (beyond(input.candles.close)[0] ?? closeOf(input)) - closeOf(input)),
      ),
    );
    expect(report.passed).toBe(false);
    expect(report.found.look_ahead).toBeGreaterThan(300);
    expect(report.findings[0]).toMatchObject({ kind: "look_ahead" });
  });

  it("one that does it through the other symbol's candles", async () => {
    const report = await check(
      planted((input) => {
        const close = input.reference("BTC/USDT")?.close ?? new Float64Array(0);
        return follow(input, (beyond(close)[0] ?? 0) - (close.at(-1) ?? 0));
      }),
    );
    expect(report.found.look_ahead).toBeGreaterThan(0);
  });

  it("one that reads a metric before it was published", async () => {
    const report = await check(
      planted((input) => {
        const values = input.metric("nupl")?.value ?? new Float64Array(0);
        return follow(input, (beyond(values)[0] ?? 0) - (values.at(-1) ?? 0));
      }),
    );
    expect(report.found.look_ahead).toBeGreaterThan(0);
  });

  it("one that cheats once in a while", async () => {
    const report = await check(
      planted((input) => {
        const next = beyond(input.candles.close)[0] ?? 0;
        return follow(input, next > closeOf(input) * 1.009 ? 1 : -1);
      }),
    );
    expect(report.passed).toBe(false);
  });

  it("one that remembers what it saw in other calls", async () => {
    const seen = new Map<number, number>();
    const report = await check(
      planted((input) => {
        const now = input.candles.time.at(-1) ?? 0;
        seen.set(now, closeOf(input));
        return follow(input, (seen.get(now + 3_600_000) ?? 0) - closeOf(input));
      }),
    );
    expect(report.found.look_ahead).toBeGreaterThan(300);
  });

  it("one that answers late, from another process", async () => {
    const report = await check(
      planted(async (input) => follow(input, (beyond(input.candles.close)[0] ?? 0) - 1e9)),
    );
    expect(report.passed).toBe(false);
  });
});

describe("what else is found", () => {
  it("a decision that is another one each time", async () => {
    let calls = 0;
    const report = await check(planted((input) => follow(input, ++calls)));
    expect(report.found.unstable).toBe(report.decisions);
  });

  it("a warm-up that is too short", async () => {
    const mean = (column: Float64Array): number =>
      column.reduce((sum, value) => sum + value, 0) / column.length;
    const report = await check(
      planted((input) => follow(input, closeOf(input) - mean(input.candles.close)), 20),
    );
    expect(report.found).toMatchObject({ look_ahead: 0, unstable: 0 });
    expect(report.found.older_history).toBeGreaterThan(10);
    expect(report.passed).toBe(false);
  });

  it("errors, and histories that prove little", async () => {
    const broken = await check(
      planted(() => {
        throw new Error("division by nothing");
      }),
    );
    expect(broken.passed).toBe(false);
    expect(broken.notes.join(" ")).toContain(
      "failed on 841 candles, first with: division by nothing",
    );
    const idle = await check(planted((input) => follow(input, -1)));
    expect(idle.passed).toBe(true);
    expect(idle.notes.join(" ")).toMatch(/no entry in 841 decisions .*figure -1/);
    const short = await check(planted((input) => follow(input, 1), 5000));
    expect(short).toMatchObject({ passed: false, decisions: 0, from: null });
    expect(short.notes).toEqual([
      "Nothing was checked: there are 900 candles and the warm-up is 5000; give more candles.",
    ]);
  });

  it("can be stopped, and says how far it is", async () => {
    const shares: number[] = [];
    const stop = new AbortController();
    const running = checkLookahead({
      strategy: planted((input) => follow(input, 1)),
      params: {},
      ...world,
      signal: stop.signal,
      onProgress(share) {
        shares.push(share);
        if (shares.length === 2) stop.abort();
      },
    });
    await expect(running).rejects.toThrow(/abort/i);
    expect(shares).toHaveLength(2);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });
});

describe("the strategies of the house", () => {
  it.each([...STRATEGIES.values()].map((strategy) => [strategy.id, strategy] as const))(
    "%s decides each candle of a history the same without what came later",
    async (_id, strategy) => {
      const on = generatedWorld(strategy.defaultTimeframe, 2000, 5);
      const report = await checkLookahead({ strategy, params: strategy.params.parse({}), ...on });
      expect(report).toMatchObject({ passed: true, findings: [], notes: [] });
      expect(report.decisions).toBe(2000 - report.warmup + 1);
      expect(report.entries).toBeGreaterThan(0);
    },
  );
});

describe("a sealed input", () => {
  const strategy = [...STRATEGIES.values()][0];
  let open: Input;
  let input: Input;
  beforeEach(() => {
    if (strategy === undefined) throw new Error("no strategies");
    open = inputAt(strategy, world, 700);
    input = sealed(open);
  });

  it("has nothing behind its columns", () => {
    const reference = input.reference("BTC/USDT");
    const metric = input.metric("nupl");
    for (const { buffer } of [input.candles.close, reference?.close, metric?.value].filter(
      (column) => column !== undefined,
    )) {
      const all = [...new Float64Array(buffer)];
      expect(all.length).toBeLessThanOrEqual(6 * 701);
      for (const [i, value] of all.entries()) {
        // Nothing that was not known: neither a later candle nor a later value.
        expect(value, `number ${i}`).not.toBe(world.candles.close[701]);
        expect(value, `number ${i}`).not.toBe(world.references.get("BTC/USDT")?.close[701]);
      }
      expect(Math.max(...all)).toBeLessThanOrEqual(input.time);
    }
    expect(input.candles).toEqual({ ...open.candles });
    expect(reference?.time.at(-1)).toBe(input.candles.time.at(-1));
    expect(metric?.time.at(-1)).toBeLessThanOrEqual(input.time);
    expect(input.metric("nupl")).toBe(metric);
    expect(input.reference("NO/NE")).toBeNull();
    expect(input.reference("ALT/USDT")).toBe(input.candles);
  });

  it("cuts what it is handed too much of", () => {
    const loose = sealed({
      ...open,
      reference: () => world.references.get("BTC/USDT") ?? null,
      metric: (name) => world.metrics.get(name) ?? null,
    });
    expect(loose.reference("BTC/USDT")?.length).toBe(701);
    const known = loose.metric("open_interest");
    expect(known?.time.at(-1)).toBeLessThanOrEqual(open.time);
    expect(sealed({ ...open, time: 0 }).metric("nupl")).toBeNull();
    expect(sealed({ ...open, metric: () => null }).metric("nupl")).toBeNull();
  });

  it("takes what a strategy writes, and nobody else sees it", () => {
    input.candles.close.fill(0);
    expect(world.candles.close[700]).toBeGreaterThan(0);
  });
});
