import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../src-main/engine/clock-virtual.ts";
import { reconcileOrders } from "../../../../src-main/engine/orders/reconcile.ts";
import type { Venue } from "../../../../src-main/engine/orders/types.ts";
import type { LedgerStore } from "../../../../src-main/engine/store-port.ts";
import { openLedgerDb } from "../../../../src-main/store/ledger-db.ts";
import type { LedgerDb } from "../../../../src-main/store/ledger-db.ts";
import { entry, exit, insertBot, paperVenue, rooms, ScriptedVenue, START } from "./support.ts";

let folder: string;
let file: string;
let ledger: LedgerDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickdeck-reconcile-"));
  file = join(folder, "ledger.db");
  ledger = openLedgerDb(file);
  insertBot(ledger, "1");
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

const clock = new VirtualClock(START + 1000);
const reopen = (): void => {
  ledger.close();
  ledger = openLedgerDb(file);
};

/** A process that dies in the n-th transaction from now, before it commits. */
function dyingAt(of: LedgerStore, transactionNumber: number): LedgerStore {
  let count = 0;
  return {
    ...of,
    transaction: <T>(work: () => T): T => {
      count += 1;
      const dies = count === transactionNumber;
      return of.transaction(() => {
        const result = work();
        if (dies) throw new Error("killed");
        return result;
      });
    },
  };
}

/** The venue of an exchange: remembers what it filled. */
function rememberingVenue(): Venue & { readonly filled: Map<string, number> } {
  const paper = paperVenue();
  const filledOrders = new Map<string, number>();
  return {
    id: "exchange",
    filled: filledOrders,
    submit: (order) => {
      filledOrders.set(order.clientOrderId, (filledOrders.get(order.clientOrderId) ?? 0) + 1);
      return paper.submit(order);
    },
    lookup: (order) =>
      filledOrders.has(order.clientOrderId)
        ? paper.lookup(order)
        : Promise.resolve({
            outcome: "rejected",
            reason: "not sent: stopped before it was placed",
          }),
  };
}

describe("killed around an order, then started again", () => {
  // A round trip makes four transactions: intent and answer of the entry, intent and answer of the exit.
  it.each([1, 2, 3, 4])("in transaction %i: nothing lost, nothing twice", async (fatal) => {
    const venue = rememberingVenue();
    const run = async (of: LedgerStore): Promise<void> => {
      const { executor } = rooms(of, venue);
      if (of.positions.closed({ limit: 1 }).length === 0) await executor.open(entry("1"));
      await executor.close(exit("1"));
    };
    await expect(run(dyingAt(ledger, fatal))).rejects.toThrow("killed");
    reopen();
    await reconcileOrders({ ledger, venue, clock });
    expect(ledger.orders.open()).toEqual([]);
    await run(ledger);
    const [closed, ...others] = ledger.positions.closed({ limit: 9 });
    expect(others).toEqual([]);
    expect(closed).toMatchObject({ state: "CLOSED", quantity: "0" });
    expect([...venue.filled.values()]).toEqual([1, 1]);
    expect(ledger.orders.fills({ botId: "1" })).toHaveLength(2);
    expect(ledger.orders.list({ limit: 9 }).map((order) => order.status)).toEqual([
      "confirmed",
      "confirmed",
    ]);
  });

  it("gives on paper the very fill that the lost answer had", async () => {
    const lost: unknown[] = [];
    const paper = paperVenue();
    const venue: Venue = {
      id: "paper",
      submit: async (order) => {
        lost.push(await paper.submit(order));
        return await new Promise(() => {});
      },
      lookup: (order) => paper.lookup(order),
    };
    void rooms(ledger, venue).executor.open(entry("1"));
    await Promise.resolve();
    reopen();
    const report = await reconcileOrders({ ledger, venue: paperVenue(), clock });
    expect(report.settled).toMatchObject([{ botId: "1", status: "confirmed" }]);
    expect(report.settled[0]?.note).toContain("entry order of SOL/USDT");
    const fills = ledger.orders
      .fills({ botId: "1" })
      .map(({ botId: _bot, positionId: _position, ...fill }) => fill);
    expect([{ outcome: "confirmed", fills }]).toEqual(lost);
    expect(ledger.positions.openOf("1")).toMatchObject({ state: "OPEN", quantity: "2" });
  });
});

describe("what the venue says of an open order", () => {
  const die = async (): Promise<void> => {
    await expect(rooms(dyingAt(ledger, 2), paperVenue()).executor.open(entry("1"))).rejects.toThrow(
      "killed",
    );
    reopen();
    expect(ledger.orders.open()).toHaveLength(1);
  };

  it("never seen: the entry is rejected and its position closed unfilled", async () => {
    await die();
    const venue = new ScriptedVenue([
      { outcome: "rejected", reason: "not sent: stopped before it was placed" },
    ]);
    const { settled } = await reconcileOrders({ ledger, venue, clock });
    expect(settled).toMatchObject([
      {
        status: "rejected",
        note: expect.stringContaining("stopped before it was placed") as string,
      },
    ]);
    expect(ledger.positions.closed({ limit: 1 })).toMatchObject([
      {
        quantity: "0",
        entryPrice: null,
        exitReason: expect.stringContaining("Entry rejected") as string,
      },
    ]);
    expect(venue.submitted).toEqual([]);
  });

  it("cannot be reached: it stays unresolved without waiting, and the bot sends nothing", async () => {
    await die();
    const venue = new ScriptedVenue([new Error("ECONNREFUSED")]);
    const { settled, unresolved } = await reconcileOrders({ ledger, venue, clock });
    expect(settled).toEqual([]);
    expect(unresolved).toMatchObject([{ botId: "1", status: "unresolved" }]);
    expect(ledger.positions.openOf("1")?.state).toBe("OPENING");
    const { executor } = rooms(ledger, paperVenue());
    expect(await executor.close(exit("1"))).toMatchObject({ outcome: "denied" });
    expect(await executor.resolve("1")).toMatchObject({
      outcome: "confirmed",
      position: { state: "OPEN" },
    });
  });
});
