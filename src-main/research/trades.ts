/** Why a trade ended. */
export const EXIT_REASONS = ["signal", "stop", "end", "target"] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];
export const REASON_SIGNAL = 0;
export const REASON_STOP = 1;
export const REASON_END = 2;
export const REASON_TARGET = 3;

/**
 * Closed trades in columns, oldest first; the first `count` entries count. Prices and money in quote currency, after
 * slippage; `quantity` in base currency, unsigned; `side` 1 long, −1 short; `pnl` after all fees and funding.
 */
export interface Trades {
  count: number;
  entry: Int32Array;
  exit: Int32Array;
  side: Int8Array;
  reason: Uint8Array;
  entryPrice: Float64Array;
  exitPrice: Float64Array;
  quantity: Float64Array;
  pnl: Float64Array;
  /** Both sides' fees. */
  fees: Float64Array;
  /** What the fills were worse than the prices they were expected at, both sides. */
  slippage: Float64Array;
  /** Funding received (paid when negative); part of `pnl`. */
  funding: Float64Array;
}

export function emptyTrades(capacity: number): Trades {
  return {
    count: 0,
    entry: new Int32Array(capacity),
    exit: new Int32Array(capacity),
    side: new Int8Array(capacity),
    reason: new Uint8Array(capacity),
    entryPrice: new Float64Array(capacity),
    exitPrice: new Float64Array(capacity),
    quantity: new Float64Array(capacity),
    pnl: new Float64Array(capacity),
    fees: new Float64Array(capacity),
    slippage: new Float64Array(capacity),
    funding: new Float64Array(capacity),
  };
}

const grown = <T extends Int32Array | Int8Array | Uint8Array | Float64Array>(old: T, next: T): T => {
  next.set(old);
  return next;
};

/** Doubles the room, in place; what is held stays. */
export function growTrades(trades: Trades): void {
  const capacity = Math.max(64, trades.entry.length * 2);
  trades.entry = grown(trades.entry, new Int32Array(capacity));
  trades.exit = grown(trades.exit, new Int32Array(capacity));
  trades.side = grown(trades.side, new Int8Array(capacity));
  trades.reason = grown(trades.reason, new Uint8Array(capacity));
  trades.entryPrice = grown(trades.entryPrice, new Float64Array(capacity));
  trades.exitPrice = grown(trades.exitPrice, new Float64Array(capacity));
  trades.quantity = grown(trades.quantity, new Float64Array(capacity));
  trades.pnl = grown(trades.pnl, new Float64Array(capacity));
  trades.fees = grown(trades.fees, new Float64Array(capacity));
  trades.slippage = grown(trades.slippage, new Float64Array(capacity));
  trades.funding = grown(trades.funding, new Float64Array(capacity));
}
