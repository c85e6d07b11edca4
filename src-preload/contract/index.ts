import type * as z from "zod";
import { appRequests } from "./app.ts";
import type { AppEvents, AppResponses } from "./app.ts";
import { botRequests } from "./bots.ts";
import type { BotEvents, BotResponses } from "./bots.ts";
import { housekeepingRequests } from "./housekeeping.ts";
import type { HousekeepingResponses } from "./housekeeping.ts";
import { dataRequests } from "./data.ts";
import type { DataEvents, DataResponses } from "./data.ts";
import { fileRequests } from "./files.ts";
import type { FileResponses } from "./files.ts";
import { logRequests } from "./logs.ts";
import type { LogEvents, LogResponses } from "./logs.ts";
import { marketRequests } from "./market.ts";
import type { MarketEvents, MarketResponses } from "./market.ts";
import { metricRequests } from "./metrics.ts";
import type { MetricResponses } from "./metrics.ts";
import { portfolioRequests } from "./portfolio.ts";
import type { PortfolioEvents, PortfolioResponses } from "./portfolio.ts";
import type { Result } from "./result.ts";
import { riskRequests } from "./risk.ts";
import type { RiskEvents, RiskResponses } from "./risk.ts";
import { scheduleRequests } from "./schedule.ts";
import type { ScheduleResponses } from "./schedule.ts";
import { strategyRequests } from "./strategies.ts";
import type { StrategyEvents, StrategyResponses } from "./strategies.ts";
import { tickRequests } from "./ticks.ts";
import type { TickEvents, TickResponses } from "./ticks.ts";

/** Schema of every request's payload, by channel. Main parses each payload with it. */
export const requestSchemas = {
  ...appRequests,
  ...botRequests,
  ...housekeepingRequests,
  ...dataRequests,
  ...fileRequests,
  ...logRequests,
  ...marketRequests,
  ...metricRequests,
  ...portfolioRequests,
  ...riskRequests,
  ...scheduleRequests,
  ...strategyRequests,
  ...tickRequests,
} as const;

export type Channel = keyof typeof requestSchemas;
export type Request<C extends Channel> = z.infer<(typeof requestSchemas)[C]>;
export interface Responses
  extends
    AppResponses,
    BotResponses,
    HousekeepingResponses,
    DataResponses,
    FileResponses,
    LogResponses,
    MarketResponses,
    MetricResponses,
    PortfolioResponses,
    RiskResponses,
    ScheduleResponses,
    StrategyResponses,
    TickResponses {}
export interface Events
  extends
    AppEvents,
    BotEvents,
    DataEvents,
    LogEvents,
    MarketEvents,
    PortfolioEvents,
    RiskEvents,
    StrategyEvents,
    TickEvents {}
export type EventChannel = keyof Events;

/** What the preload script puts on `window.tickdeck`. */
export interface TickdeckBridge {
  request<C extends Channel>(channel: C, payload: Request<C>): Promise<Result<Responses[C]>>;
  /** Listens until the returned function is called. */
  on<E extends EventChannel>(channel: E, listener: (payload: Events[E]) => void): () => void;
}
