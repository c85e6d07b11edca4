import { createHash } from "node:crypto";
import type { OrderPurpose } from "../../../src-preload/contract/portfolio.ts";

const LETTER: Readonly<Record<OrderPurpose, string>> = { entry: "e", exit: "x", stop: "s" };

/**
 * The id under which an order is committed and placed: the same for the same bot, symbol, purpose, candle and attempt,
 * so that a repeated tick is the same order. At most 36 characters of [A-Za-z0-9-_], the longest that Binance takes:
 * "td-", a letter of the purpose, the candle's open time in seconds in base 36, and 132 bits of the SHA-256 of
 * all five (as JSON, so that no two lists of parts share a text). Two orders of a thousand million share an id with a
 * chance below 1e-21; the ledger's UNIQUE would then refuse the second.
 */
export function clientOrderId(of: {
  readonly botId: string;
  readonly symbol: string;
  readonly purpose: OrderPurpose;
  /** Open time of the candle decided on, ms UTC. */
  readonly candleTime: number;
  /** How many orders of the same four were answered and left the position open; 0 for an entry. */
  readonly attempt?: number;
}): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([of.botId, of.symbol, of.purpose, of.candleTime, of.attempt ?? 0]))
    .digest("base64url");
  const candle = Math.trunc(of.candleTime / 1000).toString(36);
  return `td-${LETTER[of.purpose]}${candle}-${digest.slice(0, 22)}`;
}

/** Id of the position that a bot enters on a candle: one at most. */
export const positionId = (botId: string, entryCandle: number): string =>
  `p-${botId}-${entryCandle}`;
