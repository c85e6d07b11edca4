import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { money, sum } from "../../../../src-main/engine/money.ts";
import {
  allocate,
  inverseVolatility,
  yearlyVolatility,
} from "../../../../src-main/engine/risk/allocation.ts";

const amounts = (parts: ReturnType<typeof allocate>) =>
  Object.fromEntries(parts.map(({ id, amount }) => [id, amount]));

describe("allocate", () => {
  it("gives equal weights the same, and the odd cents to the first ids", () => {
    const claims = ["c", "a", "b"].map((id) => ({ id, weight: 1 }));
    expect(amounts(allocate(claims, "1000", 0.4))).toEqual({
      a: "333.34",
      b: "333.33",
      c: "333.33",
    });
  });

  it("shares out what the cap cuts off, in proportion, again and again", () => {
    // Weights 8 : 4 : 2 : 2. a is capped at 40 %; the other 60 % go 4 : 2 : 2, so b has 30 %.
    const claims = [
      { id: "a", weight: 8 },
      { id: "b", weight: 4 },
      { id: "c", weight: 2 },
      { id: "d", weight: 2 },
    ];
    const parts = allocate(claims, "1000", 0.4);
    expect(amounts(parts)).toEqual({ a: "400", b: "300", c: "150", d: "150" });
    expect(parts.filter(({ capped }) => capped).map(({ id }) => id)).toEqual(["a"]);
    // Here the surplus of a lifts b above the cap too.
    expect(
      amounts(
        allocate(
          [
            { id: "a", weight: 10 },
            { id: "b", weight: 6 },
            { id: "c", weight: 2 },
          ],
          "1000",
          0.4,
        ),
      ),
    ).toEqual({ a: "400", b: "400", c: "200" });
  });

  it("gives all the same where the cap cannot be kept, and nothing to nobody", () => {
    expect(
      amounts(
        allocate(
          [
            { id: "a", weight: 9 },
            { id: "b", weight: 1 },
          ],
          "100",
          0.4,
        ),
      ),
    ).toEqual({ a: "50", b: "50" });
    expect(allocate([], "100", 0.4)).toEqual([]);
  });

  it("refuses a weight that is none", () => {
    for (const weight of [0, -1, Number.NaN, Infinity]) {
      expect(() => allocate([{ id: "a", weight }], "100", 0.4)).toThrow(
        /weight of a is .* above 0/,
      );
    }
  });

  it("always sums to the total, keeps the cap and does not depend on the order", () => {
    const claims = fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[a-z0-9]{1,6}$/),
        weight: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      }),
      { minLength: 1, maxLength: 60, selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(
        claims,
        fc.integer({ min: 1, max: 1e12 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer(),
        (given, cents, cap, seed) => {
          const total = money(cents).div(100);
          const parts = allocate(given, total.toFixed(), cap);
          expect(sum(parts.map(({ amount }) => amount)).eq(total)).toBe(true);
          const share = given.length * cap <= 1 ? 1 / given.length : cap;
          for (const { amount } of parts) {
            expect(money(amount).gte(0)).toBe(true);
            expect(money(amount).lte(total.times(share).plus("0.0101"))).toBe(true);
          }
          const shuffled = given.toSorted((a, b) =>
            `${seed}${a.id}`.length * 7 + a.weight * seed > b.weight * seed ? 1 : -1,
          );
          expect(amounts(allocate(shuffled, total.toFixed(), cap))).toEqual(amounts(parts));
          expect(amounts(allocate(given.toReversed(), total.toFixed(), cap))).toEqual(
            amounts(parts),
          );
        },
      ),
    );
  });

  it("gives more weight more, as long as no cap holds", () => {
    const parts = allocate(
      [0.4, 0.8].map((volatility, i) => ({ id: String(i), weight: inverseVolatility(volatility) })),
      "900",
      1,
    );
    expect(amounts(parts)).toEqual({ 0: "600", 1: "300" });
  });
});

describe("yearlyVolatility", () => {
  it("is the standard deviation of log returns times the root of candles a year", () => {
    // Returns are +1 % and −1 % in turn, in logs: sample deviation 0.01 · √(n / (n − 1)).
    const closes = Array.from({ length: 101 }, (_, i) =>
      i % 2 === 0 ? 100 : 100 * Math.exp(0.01),
    );
    const expected = 0.01 * Math.sqrt(100 / 99) * Math.sqrt(365);
    expect(yearlyVolatility(closes, 86_400_000)).toBeCloseTo(expected, 10);
    expect(yearlyVolatility(closes, 21_600_000)).toBeCloseTo(expected * 2, 10);
  });
  it("is not known from few candles or of a price that stands still", () => {
    expect(yearlyVolatility(Array<number>(30).fill(100), 1)).toBeNaN();
    expect(yearlyVolatility(Array<number>(100).fill(100), 1)).toBeNaN();
  });
});
