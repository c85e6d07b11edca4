import { Decimal } from "decimal.js";
import { ApiError } from "./api-error.ts";

/** One request to the API, as its handlers see it. */
export interface ApiRequest {
  readonly params: URLSearchParams;
  /** The exchange's time when it came, ms UTC. */
  readonly now: number;
}

export function required(params: URLSearchParams, name: string): string {
  const value = params.get(name);
  if (value === null || value === "") {
    throw new ApiError(
      400,
      -1102,
      `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
    );
  }
  return value;
}

/** A whole number ≥ 0, or null where it was not sent. */
export function optionalInteger(params: URLSearchParams, name: string): number | null {
  const value = params.get(name);
  if (value === null || value === "") return null;
  if (!/^\d{1,16}$/.test(value)) {
    throw new ApiError(
      400,
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`,
    );
  }
  return Number(value);
}

/** `limit` as Binance reads it: the default where it was not sent, and no more than the maximum. */
export function limitOf(params: URLSearchParams, otherwise: number, most: number): number {
  const limit = optionalInteger(params, "limit") ?? otherwise;
  if (limit < 1) throw new ApiError(400, -1130, "Data sent for parameter 'limit' is not valid.");
  return Math.min(limit, most);
}

/** A positive decimal, or null where it was not sent. */
export function optionalDecimal(params: URLSearchParams, name: string): Decimal | null {
  const value = params.get(name);
  if (value === null || value === "") return null;
  if (!/^\d{1,20}(\.\d{1,20})?$/.test(value)) {
    throw new ApiError(
      400,
      -1100,
      `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
    );
  }
  const decimal = new Decimal(value);
  if (!decimal.gt(0)) throw new ApiError(400, -1013, `Invalid ${name}.`);
  return decimal;
}

/** A number as Binance writes prices and volumes: plain digits, at least eight decimals, all that it has. */
export function decimalText(value: number | Decimal): string {
  if (typeof value === "number") {
    // Nearly always enough, and many times faster.
    const text = value.toFixed(8);
    if (Number(text) === value) return text;
  }
  const decimal = new Decimal(value);
  return decimal.toFixed(Math.max(8, decimal.decimalPlaces()));
}
