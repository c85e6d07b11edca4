import type * as z from "zod";
import type { CandleColumns } from "../engine/market/types.ts";

/** What a rule asks for on a candle's close, as bits of one byte; several may be set, the position says which count. */
export const ENTER_LONG = 1;
export const ENTER_SHORT = 2;
export const EXIT_LONG = 4;
export const EXIT_SHORT = 8;

/**
 * A strategy that says beforehand, for every candle, what it would do in any position: one byte a candle. Its rule may
 * not depend on the position's own history (entry price, candles held); one that does uses the per-candle interface of
 * engine/strategies. `flags[i]` may depend on candles 0..i only; the look-ahead test cuts histories to prove it.
 */
export interface ColumnStrategy<S extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  /** Every field with a default. */
  readonly params: S;
  /** Candles until the first flag may be set. */
  warmup(params: z.infer<S>): number;
  /** Writes `flags[i]` for every candle; `flags` has at least `candles.length` bytes. */
  signals(candles: CandleColumns, params: z.infer<S>, flags: Uint8Array): void;
}
