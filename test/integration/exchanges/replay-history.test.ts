import { afterEach, describe, expect, it } from "vitest";
import type { FaultRule } from "../../../scripts/replay-exchange/faults.ts";
import type { VirtualClock } from "../../../src-main/engine/clock-virtual.ts";
import { Backfill } from "../../../src-main/engine/market/backfill.ts";
import { CandleService } from "../../../src-main/engine/market/candle-service.ts";
import { Findings } from "../../../src-main/engine/market/findings.ts";
import { openMarketDb } from "../../../src-main/store/market-db.ts";
import type { BackfillView } from "../../../src-preload/contract/data.ts";
import { START, adapter, closeAll, replay } from "./replay.ts";

const QUARTER = 900_000;
const HOUR = 3_600_000;
const LAST_HOUR = Math.floor(START / HOUR) * HOUR - HOUR;
const SYMBOL = "BTC/USDT";

afterEach(closeAll);

/** Backfills with the real client against the replay exchange, into a real store. */
async function desk() {
  const running = await replay({ data: null });
  const { exchange, clock } = await adapter(running.url);
  const db = openMarketDb(":memory:");
  const backfill = new Backfill({
    clock,
    exchange,
    store: db.candles,
    findings: new Findings(db.findings, clock, (error) => {
      throw error;
    }),
    jobs: db.backfills,
    busy: () => false,
    refresh: () => {},
    symbols: () => null,
    onChanged: () => {},
    onNote: () => {},
  });
  backfill.start();
  return { running, exchange, clock, db, backfill };
}

const order = (hours: number, verify = false) => ({
  symbols: [SYMBOL],
  timeframe: "1h" as const,
  from: LAST_HOUR - (hours - 1) * HOUR,
  verify,
});

/** Time passes step by step, with turns for the network in between, until the newest job has ended. */
async function ends(backfill: Backfill, clock: VirtualClock): Promise<BackfillView> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    const [job] = backfill.list();
    if (job?.state === "done" || job?.state === "failed") return job;
    await new Promise(setImmediate);
    await clock.advance(turn % 20 === 0 ? 500 : 0);
  }
  throw new Error(`It does not end: ${JSON.stringify(backfill.list()[0])}`);
}

const bad = (what: NonNullable<FaultRule["what"]>, hoursAgo: number, times = 1): FaultRule => ({
  match: { path: "/api/v3/klines" },
  kind: "candles",
  what,
  span: { from: LAST_HOUR - hoursAgo * HOUR, to: LAST_HOUR - (hoursAgo - 1) * HOUR },
  times,
});

describe("history from an exchange with faults", () => {
  it("is whole when nothing is wrong, and asks for each page once", async () => {
    const { running, backfill, clock, db } = await desk();
    backfill.order(order(2500));
    const job = await ends(backfill, clock);
    expect(job).toMatchObject({ state: "done", added: 2500, refused: 0 });
    expect(db.candles.range(SYMBOL, "1h")).toEqual({
      first: LAST_HOUR - 2499 * HOUR,
      last: LAST_HOUR,
      count: 2500,
    });
    expect(running.stats().klines["BTCUSDT 1h"]?.requests).toBe(4);
  });

  it.each([
    ["high-below-low", "wrong_order"],
    ["zero", "not_positive"],
    ["negative", "not_positive"],
    ["nan", "not_a_number"],
    ["off-grid", "off_grid"],
  ] as const)(
    "refuses a candle that is %s, says so, and takes the right one at the next ask",
    async (what, kind) => {
      const { running, backfill, clock, db } = await desk();
      // The first request only finds the beginning; the second is the page.
      running.setFaults([bad(what, 50, 2)]);
      backfill.order(order(200));
      const job = await ends(backfill, clock);
      expect(job).toMatchObject({ state: "done", added: 200, refused: 1 });
      expect(db.candles.gaps(SYMBOL, "1h")).toEqual([]);
      const { rows } = db.findings.list({ kinds: [], limit: 9 });
      expect(rows).toMatchObject([{ symbol: SYMBOL, timeframe: "1h", kind, count: 1 }]);
    },
  );

  it("refuses the second of two candles of one time", async () => {
    const { running, backfill, clock, db } = await desk();
    running.setFaults([bad("duplicate", 50, 9)]);
    backfill.order(order(200));
    const job = await ends(backfill, clock);
    expect(job).toMatchObject({ state: "done", added: 200 });
    expect(db.findings.list({ kinds: ["duplicate"], limit: 9 }).rows).toHaveLength(1);
  });

  it("puts candles that come in the wrong order right", async () => {
    const { running, backfill, clock, db } = await desk();
    running.setFaults([bad("swapped", 50, 9)]);
    backfill.order(order(200));
    expect(await ends(backfill, clock)).toMatchObject({ state: "done", added: 200, refused: 0 });
    expect(db.candles.gaps(SYMBOL, "1h")).toEqual([]);
  });

  it("keeps an outage of the exchange as a real gap, and fills one that was not", async () => {
    const { running, backfill, clock, db } = await desk();
    running.setFaults([bad("missing", 50, 1000)]);
    backfill.order(order(200));
    expect(await ends(backfill, clock)).toMatchObject({ state: "done", added: 199 });
    const from = LAST_HOUR - 50 * HOUR;
    expect(db.candles.gaps(SYMBOL, "1h")).toMatchObject([{ from, to: from + HOUR, real: true }]);
    running.setFaults([]);
    backfill.order(order(200, true));
    expect(await ends(backfill, clock)).toMatchObject({ id: 2, added: 1 });
    expect(db.candles.gaps(SYMBOL, "1h")).toEqual([]);
  });

  it("notices what the exchange revised, when history is compared", async () => {
    const { running, backfill, clock, db } = await desk();
    backfill.order(order(200));
    await ends(backfill, clock);
    const time = LAST_HOUR - 50 * HOUR;
    const before = db.candles.read(SYMBOL, "1h", time, time + 1).high[0] ?? 0;
    running.setFaults([bad("revised", 50, 1000)]);
    backfill.order(order(200, true));
    expect(await ends(backfill, clock)).toMatchObject({ id: 2, added: 0, changed: 1 });
    expect(db.candles.read(SYMBOL, "1h", time, time + 1).high[0]).toBe(before * 1.5);
    const [row] = db.findings.list({ kinds: ["revised"], limit: 9 }).rows;
    expect([row?.before?.high, row?.after?.high]).toEqual([before, before * 1.5]);
  });

  it.each<[string, FaultRule]>([
    ["a cut connection", { kind: "drop", times: 4 }],
    ["a server error", { kind: "5xx-before", times: 4 }],
    ["half of an answer", { kind: "malformed", times: 2 }],
    ["too many requests", { kind: "429", retryAfter: 20, times: 1 }],
  ])("goes on after %s", async (_, rule) => {
    const { running, backfill, clock, db } = await desk();
    running.setFaults([{ ...rule, match: { path: "/api/v3/klines" } }]);
    backfill.order(order(1500));
    expect(await ends(backfill, clock)).toMatchObject({ state: "done", added: 1500 });
    expect(db.candles.gaps(SYMBOL, "1h")).toEqual([]);
  });
});

describe("ticks beside a backfill", () => {
  it("are answered at once while history waits for its half of the rate budget", async () => {
    const running = await replay({ data: null, weightLimit: 120 });
    const { exchange, clock } = await adapter(running.url);
    await exchange.markets();
    const db = openMarketDb(":memory:");
    const service = new CandleService({ clock, exchange, store: db.candles, onNote: () => {} });
    const stop = new AbortController();
    const waiting = Array.from({ length: 60 }, (_, i) =>
      exchange
        .fetchCandles(SYMBOL, "15m", START - (i + 2) * QUARTER, 1, stop.signal, "backfill")
        .then(() => "answered")
        .catch(() => "given up"),
    );
    const before = clock.now();
    await service.closed("ETH/USDT", "15m", 100);
    expect(clock.now()).toBe(before);
    stop.abort();
    const outcomes = await Promise.all(waiting);
    const answered = outcomes.filter((outcome) => outcome === "answered").length;
    // Half of the minute at most, and it was the other half that the tick used.
    expect(running.stats().klines["BTCUSDT 15m"]?.requests ?? 0).toBeLessThanOrEqual(27);
    expect(answered).toBeLessThan(30);
  });
});
