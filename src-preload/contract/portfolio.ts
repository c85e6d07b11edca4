import * as z from "zod";
import type { PositionState, Side } from "./bots.ts";

export type OrderPurpose = "entry" | "exit" | "stop";
/** `intent` is committed but unanswered. */
export type OrderStatus = "intent" | "confirmed" | "rejected" | "denied" | "unresolved";

/** One order from intent to answer. Money in quote currency, quantity in base currency. */
export interface OrderView {
  readonly clientOrderId: string;
  readonly botId: string;
  readonly botName: string;
  readonly positionId: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly purpose: OrderPurpose;
  readonly quantity: number;
  readonly expectedPrice: number;
  readonly status: OrderStatus;
  readonly reason: string;
  readonly createdAt: number;
  readonly answeredAt: number | null;
  readonly fill: {
    readonly price: number;
    readonly fee: number;
    readonly feeCurrency: string;
    readonly slippageBps: number;
    readonly time: number;
  } | null;
}

export interface PositionView {
  readonly id: string;
  readonly botId: string;
  readonly botName: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly state: PositionState;
  readonly side: Side;
  readonly quantity: number;
  readonly entryPrice: number | null;
  readonly exitPrice: number | null;
  readonly stopPrice: number;
  readonly lastPrice: number | null;
  readonly openedAt: number;
  readonly closedAt: number | null;
  /** Quote currency at the last price; 0 when closed. */
  readonly exposure: number;
  readonly unrealisedPnl: number;
  /** After fees. */
  readonly realisedPnl: number;
  readonly fees: number;
  readonly entryReason: string;
  readonly exitReason: string | null;
}

export interface EquityPoint {
  readonly time: number;
  readonly equity: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly exposure: number;
}

export const portfolioRequests = {
  "portfolio:positions": z.strictObject({
    state: z.enum(["open", "closed", "all"]),
    botId: z.string().optional(),
    limit: z.number().int().min(1).max(5000),
  }),
  "portfolio:orders": z.strictObject({
    botId: z.string().optional(),
    positionId: z.string().optional(),
    limit: z.number().int().min(1).max(1000),
  }),
  /** Equity of one bot or of the fleet, at most `points` points, evenly thinned. */
  "portfolio:equity": z.strictObject({
    botId: z.string().optional(),
    points: z.number().int().min(2).max(2000),
  }),
} as const;

export interface PortfolioResponses {
  "portfolio:positions": readonly PositionView[];
  "portfolio:orders": readonly OrderView[];
  "portfolio:equity": readonly EquityPoint[];
}

export interface PortfolioEvents {
  /** An order was committed, answered or filled, so that a page can read again. */
  "portfolio:changed": { readonly botIds: readonly string[] };
}
