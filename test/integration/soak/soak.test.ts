import { describe, expect, it } from "vitest";
import type { EngineParts } from "../../../src-main/engine/engine.ts";
import { parseOptions } from "../../../scripts/soak/options.ts";
import type { SoakOptions } from "../../../scripts/soak/options.ts";
import { soak } from "../../../scripts/soak/soak.ts";

function options(...args: readonly string[]): SoakOptions {
  const parsed = parseOptions(args);
  if (parsed === null) throw new Error("These are no options of a run.");
  return parsed;
}

/** Calm weather and one thing that is wrong. */
const CALM = options("--faults", "none", "--days", "4", "--bots", "45", "--seed", "5");
const planted = (tamper: (parts: EngineParts) => EngineParts) => soak(CALM, { tamper });

describe("a soak with every fault", { timeout: 60_000 }, () => {
  it.each([1, 2, 3])(
    "leaves nothing unaccounted, doubled or unbalanced (seed %i)",
    async (seed) => {
      const result = await soak(options("--days", "12", "--seed", String(seed)));
      expect([...result.fires.findings, ...result.books.findings, ...result.defects]).toEqual([]);
      expect(result.fires).toMatchObject({
        unaccounted: 0,
        doubled: 0,
        undue: 0,
        overlaps: 0,
        early: 0,
      });
      expect(result.books).toMatchObject({ duplicateIntents: 0, imbalance: 0 });
      // It was a bad time indeed.
      expect(result.fires.fireTimes).toBeGreaterThan(15_000);
      expect(result.books.trades).toBeGreaterThan(50);
      expect(result.errors).toBeGreaterThan(50);
      const { crashes, sleeps, outages, userActions } = result.counts;
      expect(Math.min(crashes, sleeps, outages, userActions)).toBeGreaterThan(0);
      expect(Math.min(result.outcomes.missed, result.outcomes.coalesced)).toBeGreaterThan(0);
    },
  );
});

describe("a soak of bots that tick one after the other", { timeout: 60_000 }, () => {
  it("leaves nothing unaccounted, doubled or unbalanced either", async () => {
    const { fires, books, defects } = await soak(options("--days", "8", "--seed", "4"), {
      tamper: (parts) => ({
        ...parts,
        settings: () => ({ ...parts.settings(), scheduling: "by_timeframe" }),
      }),
    });
    expect([...fires.findings, ...books.findings, ...defects]).toEqual([]);
    expect(fires).toMatchObject({ unaccounted: 0, doubled: 0, undue: 0, overlaps: 0, early: 0 });
    expect(books).toMatchObject({ duplicateIntents: 0, imbalance: 0 });
    expect(fires.fireTimes).toBeGreaterThan(10_000);
  });
});

describe("a planted defect is found", { timeout: 60_000 }, () => {
  it("when a report is dropped now and then", async () => {
    let count = 0;
    const { fires } = await planted((parts) => ({
      ...parts,
      market: {
        ...parts.market,
        ticks: {
          ...parts.market.ticks,
          insert: (report) => {
            count += 1;
            if (count % 500 !== 0) parts.market.ticks.insert(report);
          },
        },
      },
    }));
    expect(fires.unaccounted).toBe(Math.floor(count / 500));
    expect(fires.findings[0]).toContain("nothing is known of the fire time");
  });

  it("when an order is sent twice", async () => {
    const { books } = await planted((parts) => ({
      ...parts,
      venue: (paper) => {
        const venue = parts.venue?.(paper) ?? paper;
        return {
          id: venue.id,
          lookup: (order, signal) => venue.lookup(order, signal),
          submit: async (order, signal) => {
            await venue.submit({ ...order, clientOrderId: `${order.clientOrderId}2` }, signal);
            return await venue.submit(order, signal);
          },
        };
      },
    }));
    expect(books.duplicateIntents).toBe(books.orders);
    expect(books.imbalance).toBeGreaterThan(0);
  });

  it("when a position's PnL is a cent off", async () => {
    const { books } = await planted((parts) => {
      const { positions } = parts.ledger;
      return {
        ...parts,
        ledger: {
          ...parts.ledger,
          positions: {
            ...positions,
            update: (position) => {
              const closed = position.state === "CLOSED";
              positions.update(closed ? { ...position, realisedPnl: "0.01" } : position);
            },
          },
        },
      };
    });
    expect(books.imbalance).toBeGreaterThan(0);
    expect(books.findings[0]).toContain("PnL of position");
  });

  it("when an error reaches nobody", async () => {
    const { defects } = await planted((parts) => {
      parts.events.on("signal", () => {
        throw new Error("A listener fails.");
      });
      return parts;
    });
    expect(defects.length).toBeGreaterThan(0);
    expect(defects[0]).toContain("A listener fails.");
  });
});
