import { Decimal as DecimalJs } from "decimal.js";

/**
 * Amounts and prices as exact decimals. 60 significant digits hold any product of two exchange figures without
 * rounding; only divisions round.
 */
const Exact = DecimalJs.clone({
  precision: 60,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -100,
  toExpPos: 100,
});

export type Decimal = DecimalJs;

/** Digits after the point that the ledger keeps of a quotient (an average price). */
const QUOTIENT_PLACES = 20;

/**
 * A decimal from a decimal string, a number (its shortest text, so 0.1 is 0.1) or a decimal. Throws RangeError
 * on anything that is not a finite figure.
 */
export function money(value: string | number | Decimal): Decimal {
  let parsed: Decimal;
  try {
    parsed = new Exact(value);
  } catch (cause) {
    throw new RangeError(
      `"${String(value)}" is not a number; give a plain decimal such as 12.34.`,
      {
        cause,
      },
    );
  }
  if (!parsed.isFinite()) {
    throw new RangeError(`"${String(value)}" is not a finite number; give a plain decimal.`);
  }
  return parsed;
}

export const ZERO: Decimal = money(0);

/** The text that the ledger keeps: digits, at most one point, a leading minus; never an exponent, never "-0". */
export const decimalText = (value: Decimal): string => (value.isZero() ? "0" : value.toFixed());

/** Nearest binary number, for views and charts only. */
export const toNumber = (value: string | Decimal): number =>
  typeof value === "string" ? Number(value) : value.toNumber();

/** value ÷ divisor, rounded half-even to 20 places. */
export const quotient = (value: Decimal, divisor: Decimal): Decimal =>
  value.div(divisor).toDecimalPlaces(QUOTIENT_PLACES);

export const sum = (values: Iterable<string | Decimal>): Decimal => {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
};

const roundTo = (value: Decimal, step: string | null, mode: DecimalJs.Rounding): Decimal => {
  if (step === null) return value;
  const size = money(step);
  if (size.lte(0)) return value;
  return value.toNearest(size, mode);
};

/** The largest multiple of `step` not above a positive `value` (towards zero); unchanged where the step is unknown. */
export const floorToStep = (value: Decimal, step: string | null): Decimal =>
  roundTo(value, step, DecimalJs.ROUND_DOWN);

/** A price on the tick grid, rounded in the stated direction; unchanged where the tick is unknown. */
export const roundToTick = (
  value: Decimal,
  tick: string | null,
  direction: "up" | "down",
): Decimal =>
  roundTo(value, tick, direction === "up" ? DecimalJs.ROUND_CEIL : DecimalJs.ROUND_FLOOR);

/** Rounded away from zero to so many places: what a fee is charged at. */
export const roundUp = (value: Decimal, places: number): Decimal =>
  value.toDecimalPlaces(places, DecimalJs.ROUND_UP);
