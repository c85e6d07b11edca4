import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decimalText,
  floorToStep,
  money,
  quotient,
  roundToTick,
  roundUp,
  sum,
  toNumber,
} from "../../../../src-main/engine/money.ts";

describe("money", () => {
  it("is exact where binary floats are not", () => {
    expect(decimalText(money(0.1).plus(0.2))).toBe("0.3");
    expect(decimalText(sum(["0.1", "0.2", "1e-8"]))).toBe("0.30000001");
    expect(decimalText(money("123456789.12345678").times("98765432.87654321"))).toBe(
      "12193263219326320.4445968522374638",
    );
  });
  it.each(["", "abc", "NaN", "Infinity", Number.NaN, -Infinity])("refuses %s", (value) => {
    expect(() => money(value)).toThrow(RangeError);
  });
  it("writes plain text, never an exponent or a minus zero", () => {
    expect(decimalText(money("1e-12"))).toBe("0.000000000001");
    expect(decimalText(money("1e25"))).toBe("10000000000000000000000000");
    expect(decimalText(money("-0"))).toBe("0");
    expect(toNumber("1.50")).toBe(1.5);
  });
  it("rounds a quantity down and a price in the stated direction", () => {
    expect(decimalText(floorToStep(money("1.23999"), "0.01"))).toBe("1.23");
    expect(decimalText(floorToStep(money("7"), "5"))).toBe("5");
    expect(decimalText(floorToStep(money("7.7"), null))).toBe("7.7");
    expect(decimalText(floorToStep(money("7.7"), "0"))).toBe("7.7");
    expect(decimalText(roundToTick(money("10.001"), "0.05", "up"))).toBe("10.05");
    expect(decimalText(roundToTick(money("10.049"), "0.05", "down"))).toBe("10");
    expect(decimalText(roundUp(money("0.123456781"), 8))).toBe("0.12345679");
    expect(decimalText(quotient(money(1), money(3)))).toBe("0.33333333333333333333");
  });
  it("never rounds a quantity up, and by less than a step", () => {
    const step = fc.constantFrom("1", "0.1", "0.001", "0.00001", "5", "0.25");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), step, (value, size) => {
        const rounded = floorToStep(money(value), size);
        const lost = money(value).minus(rounded);
        expect(lost.gte(0) && lost.lt(size)).toBe(true);
        expect(rounded.mod(size).isZero()).toBe(true);
      }),
    );
  });
});
