import { money } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { EntryProposal, RiskLayer } from "./types.ts";
import { allow, cutTo, deny } from "./verdicts.ts";

const LABEL = "Exposure";

/** Quote currency that limits of exposure leave for this entry, and which of them is the narrowest. */
function roomFor({ around, symbol }: EntryProposal): { left: number; by: string } {
  if (around === undefined) return { left: Infinity, by: "" };
  const { open, equity, limits } = around;
  let gross = 0;
  let inSymbol = 0;
  for (const held of open) {
    gross += held.value;
    if (held.symbol === symbol) inSymbol += held.value;
  }
  const forSymbol = (equity * limits.symbolExposurePct) / 100 - inSymbol;
  const forAll = (equity * limits.grossExposurePct) / 100 - gross;
  return forSymbol <= forAll
    ? {
        left: forSymbol,
        by: `The limit of ${limits.symbolExposurePct} % in ${symbol} (${inSymbol.toFixed(2)} open)`,
      }
    : {
        left: forAll,
        by: `The limit of ${limits.grossExposurePct} % gross exposure (${gross.toFixed(2)} open)`,
      };
}

/** Open positions and orders a minute refuse; exposure per symbol and gross exposure make the entry smaller first. */
export const exposureLayer: RiskLayer = {
  id: "exposure",
  judge: (entry, quantity: Decimal | null) => {
    const { around, price } = entry;
    if (around === undefined || quantity === null) return null;
    const { limits, open, ordersInMinute } = around;
    if (open.length >= limits.maxOpenPositions) {
      return deny(
        LABEL,
        `${open.length} positions are open and the limit is ${limits.maxOpenPositions}; one must close first.`,
      );
    }
    if (ordersInMinute >= limits.ordersPerMinute) {
      return deny(
        LABEL,
        `${ordersInMinute} orders were sent in the last minute and the limit is ${limits.ordersPerMinute}; the next tick may enter.`,
      );
    }
    const { left, by } = roomFor(entry);
    const room = money(Number.isFinite(left) ? Math.max(0, left) : 0);
    const value = quantity.times(price);
    if (value.lte(room)) {
      return allow(
        LABEL,
        `${value.toFixed(2)} of ${room.toFixed(2)} left; ${open.length} of ${limits.maxOpenPositions} positions, ${ordersInMinute} of ${limits.ordersPerMinute} orders`,
      );
    }
    if (room.isZero()) return deny(LABEL, `${by} leaves no room.`);
    return cutTo(LABEL, entry, room.div(price), `${by} leaves`);
  },
};
