import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientOrderId, positionId } from "../../../../src-main/engine/orders/client-order-id.ts";
import { START } from "./support.ts";

const parts = fc.record({
  botId: fc.string({ minLength: 1, maxLength: 64 }),
  symbol: fc.constantFrom("BTC/USDT", "ETH/USDT", "1000SATS/USDT"),
  purpose: fc.constantFrom("entry" as const, "exit" as const, "stop" as const),
  candleTime: fc.integer({ min: 0, max: 4e12 }),
  attempt: fc.nat({ max: 50 }),
});

describe("clientOrderId", () => {
  it("is what it was in every release: a replayed tick must find its order", () => {
    expect(
      clientOrderId({ botId: "17", symbol: "SOL/USDT", purpose: "entry", candleTime: START }),
    ).toMatchInlineSnapshot(`"td-es9n6o0-fZp_S7TioRCv8YrQ5ZOQCG"`);
  });
  it("fits every exchange's alphabet and 36 characters, whatever the bot is called", () => {
    fc.assert(
      fc.property(parts, (of) => {
        expect(clientOrderId(of)).toMatch(/^td-[exs][A-Za-z0-9_-]{20,32}$/);
        expect(clientOrderId(of).length).toBeLessThanOrEqual(36);
      }),
    );
  });
  it("is the same for the same order and another for any other", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(parts, { selector: (of) => JSON.stringify(of), maxLength: 50 }),
        (all) => {
          const ids = all.map((of) => clientOrderId(of));
          expect(new Set(ids).size).toBe(all.length);
          expect(all.map((of) => clientOrderId({ ...of }))).toEqual(ids);
        },
      ),
    );
  });
  it("takes attempt 0 for none", () => {
    const of = { botId: "1", symbol: "SOL/USDT", purpose: "exit", candleTime: START } as const;
    expect(clientOrderId({ ...of, attempt: 0 })).toBe(clientOrderId(of));
    expect(clientOrderId({ ...of, attempt: 1 })).not.toBe(clientOrderId(of));
  });
});

it("positionId belongs to the bot and the candle", () => {
  expect(positionId("17", START)).toBe(`p-17-${START}`);
});
