import { createHash } from "node:crypto";
import { decimalText, floorToStep, money, quotient, roundToTick, roundUp } from "../money.ts";
import type { Decimal } from "../money.ts";
import type { Market } from "../market/types.ts";
import type { Venue, VenueAnswer } from "../orders/types.ts";
import type { StoredOrder } from "../store-port.ts";

export interface PaperSettings {
  /** A fill slips against us by a share in [min, max], bps. */
  readonly slippageMinBps: number;
  readonly slippageMaxBps: number;
  /** Fee a side on the traded value, bps. */
  readonly feeBps: number;
}

/** Places of the quote currency that a fee is charged at, as exchanges do. */
const FEE_PLACES = 8;

/** A share in [0, 1) that belongs to the order: the first 48 bits of its id's SHA-256. */
const shareOf = (clientOrderId: string): number =>
  createHash("sha256").update(clientOrderId).digest().readUIntBE(0, 6) / 2 ** 48;

/**
 * Fills market orders on paper, whole and at once. The answer is a pure function of the order, the market's steps and
 * the settings: no draw, no clock (the fill's time is the order's). So the venue needs no memory: after a crash
 * between intent and answer, `lookup` gives the very fill that `submit` gave or would have given; nothing is lost and
 * nothing happens twice.
 *
 * Price: expectedPrice slipped against us, then rounded to the tick against us. Fee: feeBps of the traded value,
 * quote currency. An entry is rounded down to the lot and rejected when that leaves nothing or less than the
 * smallest order value. An exit is reduce-only: it always fills whole, so that no position is stuck below a limit.
 */
export class PaperVenue implements Venue {
  readonly id = "paper";
  readonly #settings: () => PaperSettings;
  readonly #market: (symbol: string) => Market | undefined | Promise<Market | undefined>;

  constructor(deps: {
    readonly settings: () => PaperSettings;
    /** Steps and limits of a symbol; while they are not to be had, an order stays unresolved. */
    readonly market: (symbol: string) => Market | undefined | Promise<Market | undefined>;
  }) {
    this.#settings = deps.settings;
    this.#market = deps.market;
  }

  submit(order: StoredOrder): Promise<VenueAnswer> {
    return this.#answer(order);
  }

  lookup(order: StoredOrder): Promise<VenueAnswer> {
    return this.#answer(order);
  }

  async #answer(order: StoredOrder): Promise<VenueAnswer> {
    let market: Market | undefined;
    try {
      market = await this.#market(order.symbol);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return {
        outcome: "unresolved",
        reason: `The steps of ${order.symbol} cannot be read: ${why}`,
      };
    }
    if (market === undefined) {
      // Not known is not "not traded": a fill without the market's steps could differ from the one before a crash.
      return { outcome: "unresolved", reason: `The steps of ${order.symbol} are not known here.` };
    }
    return paperFill(order, market, this.#settings());
  }

}

/** What the fill rule reads of an order. */
export type PaperOrder = Pick<
  StoredOrder,
  "clientOrderId" | "symbol" | "side" | "purpose" | "quantity" | "expectedPrice" | "createdAt"
>;

/** The share of the value that an order slips by, bps: drawn between the settings' limits by its id. */
const slippageBpsOf = (clientOrderId: string, settings: PaperSettings): number =>
  settings.slippageMinBps +
  (settings.slippageMaxBps - settings.slippageMinBps) * shareOf(clientOrderId);

/** The price at which an order fills, quote currency: slipped against it, then rounded to the tick against it. */
export function paperPrice(
  order: Pick<PaperOrder, "clientOrderId" | "side" | "expectedPrice">,
  tickSize: string | null,
  settings: PaperSettings,
): Decimal {
  const expected = money(order.expectedPrice);
  const slip = money(slippageBpsOf(order.clientOrderId, settings)).div(10_000);
  return order.side === "buy"
    ? roundToTick(expected.times(slip.plus(1)), tickSize, "up")
    : roundToTick(expected.times(money(1).minus(slip)), tickSize, "down");
}

/** The paper venue's whole rule, pure; the back-test fills by it too. */
export function paperFill(order: PaperOrder, market: Market, settings: PaperSettings): VenueAnswer {
  const expected = money(order.expectedPrice);
  const price = paperPrice(order, market.tickSize, settings);
  if (price.lte(0)) {
    return {
      outcome: "rejected",
      reason: `The price ${order.expectedPrice} is under one tick (${market.tickSize ?? "?"}).`,
    };
  }
  const ordered = money(order.quantity);
  const isEntry = order.purpose === "entry";
  const quantity = isEntry ? floorToStep(ordered, market.lotStep) : ordered;
  if (quantity.lte(0)) {
    return {
      outcome: "rejected",
      reason: `${order.quantity} ${market.base} is under one lot (${market.lotStep ?? "?"}).`,
    };
  }
  const value = price.times(quantity);
  if (isEntry && market.minNotional !== null && value.lt(market.minNotional)) {
    return {
      outcome: "rejected",
      reason: `${value.toFixed(2)} ${market.quote} is under the smallest order of ${market.minNotional} ${market.quote}.`,
    };
  }
  const against = order.side === "buy" ? price.minus(expected) : expected.minus(price);
  return {
    outcome: "confirmed",
    fills: [
      {
        fillId: `${order.clientOrderId}-1`,
        clientOrderId: order.clientOrderId,
        symbol: order.symbol,
        side: order.side,
        quantity: decimalText(quantity),
        price: decimalText(price),
        fee: decimalText(roundUp(value.times(settings.feeBps).div(10_000), FEE_PLACES)),
        feeCurrency: market.quote,
        slippageBps: decimalText(quotient(against.times(10_000), expected).toDecimalPlaces(4)),
        time: order.createdAt,
      },
    ],
  };
}
