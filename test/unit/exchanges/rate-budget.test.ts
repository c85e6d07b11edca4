import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import { RateBudget } from "../../../src-main/engine/exchange/rate-budget.ts";

const START = Date.parse("2024-03-01T00:00:30Z");
const MINUTE = 60_000;

interface Grant {
  readonly order: number;
  readonly time: number;
  readonly weight: number;
}

function setUp(weightPerMinute: number, burst?: number) {
  const clock = new VirtualClock(START);
  const notes: string[] = [];
  const budget = new RateBudget({
    clock,
    name: "Binance",
    weightPerMinute,
    ...(burst === undefined ? {} : { burst }),
    onNote: (note) => notes.push(note),
  });
  const grants: Grant[] = [];
  let asked = 0;
  const ask = (weight: number, signal?: AbortSignal): Promise<void> => {
    const order = asked++;
    return budget.acquire(weight, signal).then(() => {
      grants.push({ order, time: clock.now(), weight });
    });
  };
  return { clock, notes, budget, grants, ask };
}

const within = (grants: readonly Grant[], from: number, to: number): number =>
  grants
    .filter(({ time }) => time >= from && time < to)
    .reduce((sum, { weight }) => sum + weight, 0);

describe("rate budget", () => {
  it("never admits more than the limit in any minute, in the order asked, and starves nobody", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: 200 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        fc.array(
          fc.record({
            gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40_000 })),
            weight: fc.integer({ min: 1, max: 20 }),
            foreign: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 8 }),
          }),
          { minLength: 1, maxLength: 80 },
        ),
        async (limit, burst, asks) => {
          const { clock, budget, grants, ask } = setUp(limit, burst);
          const all: Promise<void>[] = [];
          for (const { gap, weight, foreign } of asks) {
            await clock.advance(gap);
            if (foreign !== undefined) budget.observe(foreign);
            all.push(ask(weight));
          }
          // Twice what the weights need at the limit, and a minute for each foreign observation to pass.
          await clock.advance(asks.length * 20 * MINUTE);
          await Promise.all(all);
          expect(grants.map(({ order }) => order)).toEqual(asks.map((_, index) => index));
          for (const { time } of grants) {
            expect(within(grants, time, time + MINUTE)).toBeLessThanOrEqual(limit);
            if (burst !== undefined) {
              const most = Math.max(burst, ...grants.map(({ weight }) => weight)) + limit / 60;
              expect(within(grants, time, time + 1000)).toBeLessThanOrEqual(most + 20);
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("admits a whole minute's weight at once, and the next exactly a minute later", async () => {
    const { clock, grants, ask } = setUp(100);
    for (let index = 0; index < 11; index += 1) void ask(10);
    await clock.advance(MINUTE - 1);
    expect(grants).toHaveLength(10);
    await clock.advance(1);
    expect(grants.at(-1)).toEqual({ order: 10, time: START + MINUTE, weight: 10 });
  });

  it("keeps the pace of a burst of one", async () => {
    const { clock, grants, ask } = setUp(60, 1);
    for (let index = 0; index < 4; index += 1) void ask(1);
    await clock.advance(10_000);
    expect(grants.map(({ time }) => time - START)).toEqual([0, 1000, 2000, 3000]);
  });

  it("counts the weight that other programs used, until the exchange has forgotten it", async () => {
    const { clock, budget, grants, ask } = setUp(100);
    budget.observe(95);
    expect(budget.usage().share).toBe(0.95);
    void ask(10);
    await clock.advance(MINUTE - 1);
    expect(grants).toHaveLength(0);
    await clock.advance(1);
    expect(grants).toHaveLength(1);
  });

  it("takes a new limit at once", async () => {
    const { clock, grants, ask, budget } = setUp(10);
    void ask(10);
    void ask(10);
    await clock.advance(0);
    expect(grants).toHaveLength(1);
    budget.setLimit(Number.NaN);
    budget.setLimit(20);
    await clock.advance(0);
    expect(grants).toHaveLength(2);
  });

  it("lets a request heavier than a minute through alone", async () => {
    const { clock, grants, ask } = setUp(10);
    void ask(1);
    void ask(50);
    await clock.advance(MINUTE);
    expect(grants.map(({ time }) => time - START)).toEqual([0, MINUTE]);
  });

  it("waits Retry-After of a 429 and says so", async () => {
    const { clock, notes, grants, ask, budget } = setUp(100);
    budget.pause(30_000);
    void ask(1);
    await clock.advance(29_999);
    expect(grants).toHaveLength(0);
    await clock.advance(1);
    expect(grants).toHaveLength(1);
    expect(notes).toEqual([
      "Binance answered 429 (too many requests): no request is sent for 30 s, until 2024-03-01 00:01 UTC.",
    ]);
  });

  it("refuses everything while banned, says until when, and goes on afterwards", async () => {
    const { clock, notes, grants, ask, budget } = setUp(10);
    await ask(10);
    const waiting = ask(10);
    budget.ban(120_000);
    const message = /banned this address until 2024-03-01 00:02 UTC/;
    await expect(waiting).rejects.toMatchObject({
      kind: "rate_limit",
      message: expect.stringMatching(message),
    });
    await expect(ask(1)).rejects.toMatchObject({ kind: "rate_limit" });
    expect(notes[0]).toMatch(/418/);
    await clock.advance(120_000);
    await ask(1);
    expect(grants).toHaveLength(2);
  });

  it("spends nothing on a question that is cancelled while it waits", async () => {
    const { clock, grants, ask, budget } = setUp(10);
    await ask(10);
    const cancel = new AbortController();
    const waiting = ask(10, cancel.signal);
    void ask(10);
    cancel.abort(new Error("no longer needed"));
    await expect(waiting).rejects.toThrow("no longer needed");
    await expect(ask(1, cancel.signal)).rejects.toThrow("no longer needed");
    await clock.advance(MINUTE);
    expect(grants.map(({ order }) => order)).toEqual([0, 2]);
    expect(budget.usage().requests).toBe(2);
  });

  it("does not wait for hours when the wall clock was set back", async () => {
    const virtual = new VirtualClock(START);
    let step = 0;
    const clock = Object.assign(Object.create(virtual) as VirtualClock, {
      now: () => virtual.now() - step,
      at: (time: number, callback: () => void, kind: "fire" | "work") =>
        virtual.at(time + step, callback, kind),
    });
    const budget = new RateBudget({ clock, name: "Binance", weightPerMinute: 10 });
    await budget.acquire(10);
    step = 3 * 3_600_000;
    let granted = false;
    void budget.acquire(10).then(() => (granted = true));
    await virtual.advance(MINUTE);
    expect(granted).toBe(true);
  });
});

describe("lanes", () => {
  it("serves orders before data before backfills, each lane in the order it came", async () => {
    const { clock, budget } = setUp(60, 1);
    const served: string[] = [];
    const ask = (name: string, lane?: "orders" | "data" | "backfill"): void => {
      void budget.acquire(1, undefined, lane).then(() => served.push(name));
    };
    ask("first");
    ask("history 1", "backfill");
    ask("history 2", "backfill");
    ask("tick 1");
    ask("tick 2", "data");
    ask("order", "orders");
    await clock.advance(10_000);
    expect(served).toEqual(["first", "order", "tick 1", "tick 2", "history 1", "history 2"]);
  });

  it("never lets backfills take the half of a minute that is for ticks", async () => {
    const { clock, budget } = setUp(100);
    let history = 0;
    let ticks = 0;
    for (let i = 0; i < 500; i += 1) {
      void budget.acquire(2, undefined, "backfill").then(() => (history += 2));
    }
    await clock.advance(0);
    expect(history).toBe(50);
    for (let i = 0; i < 25; i += 1) void budget.acquire(2).then(() => (ticks += 2));
    await clock.advance(0);
    expect(ticks).toBe(50);
    await clock.advance(10 * MINUTE);
    // Ten minutes' halves, whatever ticks took of the first.
    expect(history).toBeGreaterThanOrEqual(500);
    expect(history).toBeLessThanOrEqual(550);
  });

  it("keeps the minute whatever lanes mix, and never lets history go while a tick could", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            weight: fc.integer({ min: 1, max: 20 }),
            lane: fc.constantFrom("orders" as const, "data" as const, "backfill" as const),
            after: fc.integer({ min: 0, max: 20_000 }),
          }),
          { minLength: 1, maxLength: 60 },
        ),
        async (requests) => {
          const { clock, budget } = setUp(100);
          const grants: (Grant & { readonly lane: string })[] = [];
          for (const [order, { weight, lane, after }] of requests.entries()) {
            void budget
              .acquire(weight, undefined, lane)
              .then(() => grants.push({ order, time: clock.now(), weight, lane }));
            await clock.advance(after);
          }
          await clock.advance(60 * MINUTE);
          expect(grants).toHaveLength(requests.length);
          for (const { time } of grants)
            expect(within(grants, time, time + MINUTE)).toBeLessThanOrEqual(100);
          for (const { time, lane } of grants) {
            if (lane !== "backfill") continue;
            expect(within(grants, time - MINUTE + 1, time + 1)).toBeLessThanOrEqual(100);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
