import type { Settings } from "../../../src-preload/contract/app.ts";
import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import type { Raise } from "../health/event-log.ts";
import type { MarketList } from "../market/market-list.ts";
import type { Portfolio } from "../portfolio/portfolio.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { FireRecord } from "../scheduler/types.ts";
import type { LedgerStore, TickStore } from "../store-port.ts";
import type { TickPipeline } from "./tick-pipeline.ts";

/** What the bot manager works with. */
export interface BotManagerParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly ledger: LedgerStore;
  readonly ticks: TickStore;
  readonly portfolio: Portfolio;
  readonly markets: MarketList;
  readonly pipeline: TickPipeline;
  readonly raise: Raise;
  /** Asked when a job is made: jobs that exist keep what they were made with. */
  readonly scheduling: () => Settings["scheduling"];
  /** Called once by the manager; its records come back through `onRecord`. */
  readonly makeScheduler: (onRecord: (record: FireRecord) => void) => Scheduler;
}
