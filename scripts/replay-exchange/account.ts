import { Decimal } from "decimal.js";
import { ApiError } from "./api-error.ts";

interface Balance {
  free: Decimal;
  locked: Decimal;
}

/** Balances by asset. No balance ever goes below zero. */
export class Account {
  readonly #balances = new Map<string, Balance>();

  constructor(start: Readonly<Record<string, string>>) {
    for (const [asset, amount] of Object.entries(start)) {
      this.#balances.set(asset, { free: new Decimal(amount), locked: new Decimal(0) });
    }
  }

  /** Refuses with Binance's -2010 when the free balance does not do. */
  require(asset: string, amount: Decimal): void {
    if (amount.gt(this.#balances.get(asset)?.free ?? 0)) {
      throw new ApiError(400, -2010, "Account has insufficient balance for requested action.");
    }
  }

  lock(asset: string, amount: Decimal): void {
    this.require(asset, amount);
    const balance = this.#of(asset);
    balance.free = balance.free.minus(amount);
    balance.locked = balance.locked.plus(amount);
  }

  unlock(asset: string, amount: Decimal): void {
    const balance = this.#of(asset);
    balance.locked = balance.locked.minus(amount);
    balance.free = balance.free.plus(amount);
  }

  take(asset: string, amount: Decimal): void {
    this.require(asset, amount);
    const balance = this.#of(asset);
    balance.free = balance.free.minus(amount);
  }

  give(asset: string, amount: Decimal): void {
    const balance = this.#of(asset);
    balance.free = balance.free.plus(amount);
  }

  balances(): readonly {
    readonly asset: string;
    readonly free: string;
    readonly locked: string;
  }[] {
    return [...this.#balances].map(([asset, { free, locked }]) => ({
      asset,
      free: free.toFixed(8),
      locked: locked.toFixed(8),
    }));
  }

  #of(asset: string): Balance {
    const known = this.#balances.get(asset);
    if (known !== undefined) return known;
    const fresh: Balance = { free: new Decimal(0), locked: new Decimal(0) };
    this.#balances.set(asset, fresh);
    return fresh;
  }
}
