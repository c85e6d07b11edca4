import type {
  AppResponses,
  AppStatus,
  MarketSource,
  Settings,
} from "../../src-preload/contract/app.ts";
import type { BotConfig, BotResponses, BotView } from "../../src-preload/contract/bots.ts";
import type { DataResponses } from "../../src-preload/contract/data.ts";
import type { Channel, Request, Responses } from "../../src-preload/contract/index.ts";
import type { FileJobView, FileSeries } from "../../src-preload/contract/files.ts";
import type { HousekeepingStatus } from "../../src-preload/contract/housekeeping.ts";
import type { LogResponses } from "../../src-preload/contract/logs.ts";
import type { MarketResponses } from "../../src-preload/contract/market.ts";
import type { MetricId, MetricResponses } from "../../src-preload/contract/metrics.ts";
import type { PortfolioResponses } from "../../src-preload/contract/portfolio.ts";
import type {
  KillBy,
  KillLevel,
  RiskResponses,
  RiskStatus,
} from "../../src-preload/contract/risk.ts";
import type { ScheduleResponses } from "../../src-preload/contract/schedule.ts";
import type { UserStrategiesView } from "../../src-preload/contract/strategies.ts";
import type { TickResponses } from "../../src-preload/contract/ticks.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";

type Awaitable<T> = T | Promise<T>;

/** What the requests ask of the fleet. Refusals are thrown as EngineFault. */
interface FleetPort {
  list(): readonly BotView[];
  get(id: string): BotView;
  strategies(): BotResponses["bots:strategies"];
  symbols(): Promise<readonly string[]>;
  previewSchedule(query: Request<"bots:preview-schedule">): readonly number[];
  create(config: BotConfig): Awaitable<BotView>;
  update(id: string, config: BotConfig): Awaitable<BotView>;
  delete(ids: readonly string[]): Awaitable<BotResponses["bots:delete"]>;
  start(ids: readonly string[]): Awaitable<BotResponses["bots:start"]>;
  stop(ids: readonly string[]): Awaitable<BotResponses["bots:stop"]>;
  pause(ids: readonly string[]): Awaitable<BotResponses["bots:pause"]>;
  resume(ids: readonly string[]): Awaitable<BotResponses["bots:resume"]>;
  closePositions(ids: readonly string[]): Awaitable<BotResponses["bots:close"]>;
  createPreset(start: boolean): Awaitable<BotResponses["bots:create-preset"]>;
}

interface QueriesPort {
  ticks(query: Request<"ticks:list">): Awaitable<TickResponses["ticks:list"]>;
  latency(query: Request<"ticks:latency">): Awaitable<TickResponses["ticks:latency"]>;
  positions(
    query: Request<"portfolio:positions">,
  ): Awaitable<PortfolioResponses["portfolio:positions"]>;
  orders(query: Request<"portfolio:orders">): Awaitable<PortfolioResponses["portfolio:orders"]>;
  equity(query: Request<"portfolio:equity">): Awaitable<PortfolioResponses["portfolio:equity"]>;
  candles(query: Request<"market:candles">): Awaitable<MarketResponses["market:candles"]>;
}

interface SchedulePort {
  timeline(query: Request<"schedule:timeline">): Awaitable<ScheduleResponses["schedule:timeline"]>;
  health(query: Request<"schedule:health">): Awaitable<ScheduleResponses["schedule:health"]>;
  histogram(
    query: Request<"schedule:lateness-histogram">,
  ): Awaitable<ScheduleResponses["schedule:lateness-histogram"]>;
  reasons(query: Request<"schedule:reasons">): Awaitable<ScheduleResponses["schedule:reasons"]>;
}

interface StrategiesPort {
  list(): UserStrategiesView;
  reload(): Promise<UserStrategiesView>;
  /** Writes a starting point; answers its file name. Throws EngineFault. */
  create(name: string): string;
}

interface MetricsPort {
  list(): Awaitable<MetricResponses["metrics:list"]>;
  sync(name: MetricId): Promise<MetricResponses["metrics:sync"]>;
}

interface DataPort {
  coverage(): Awaitable<DataResponses["data:coverage"]>;
  timeframes(): Awaitable<DataResponses["data:timeframes"]>;
  backfills(): Awaitable<DataResponses["data:backfills"]>;
  backfill(order: Request<"data:backfill">): Awaitable<DataResponses["data:backfill"]>;
  pause(ids: readonly number[]): void;
  resume(ids: readonly number[]): void;
  cancel(ids: readonly number[]): void;
  clear(): void;
  findings(query: Request<"data:findings">): Awaitable<DataResponses["data:findings"]>;
  regimes(): Awaitable<MarketResponses["market:regime"]>;
  correlations(timeframe: Timeframe | null): Awaitable<MarketResponses["market:correlation"]>;
}

interface FilesPort {
  job(): FileJobView | null;
  /** Throws EngineFault when there is no such series, or a file is on its way. */
  check(series: FileSeries): void;
  /** Begins to read a file; throws like `check`. */
  read(series: FileSeries, file: string): FileJobView;
  /** Begins to write a file; throws like `check`. */
  write(series: FileSeries, file: string): FileJobView;
  /** Begins to store what was read; throws EngineFault when nothing was. */
  store(): void;
  cancel(): void;
  dismiss(): void;
}

interface RiskPort {
  overview(): Awaitable<RiskResponses["risk:overview"]>;
  kill(level: KillLevel, by: KillBy, note?: string): Promise<RiskResponses["risk:kill"]>;
  release(by: KillBy, note: string): Awaitable<RiskResponses["risk:release"]>;
  checkIn(): RiskResponses["risk:check-in"];
  status(): RiskStatus;
  resetBreaker(id: string, note: string): Awaitable<void>;
  lockPair(query: Request<"risk:lock-pair">): Awaitable<RiskResponses["risk:lock-pair"]>;
  events(limit: number): Awaitable<RiskResponses["risk:events"]>;
  drawdown(points: number): Awaitable<RiskResponses["risk:drawdown"]>;
  previewAllocation(
    query: Request<"risk:allocate-preview">,
  ): Awaitable<RiskResponses["risk:allocate-preview"]>;
  applyAllocation(
    query: Request<"risk:allocate-apply">,
  ): Awaitable<RiskResponses["risk:allocate-apply"]>;
}

/** An opened data folder, as far as the window's requests need it. */
export interface WorkspacePort {
  settings(): Settings;
  saveSettings(next: Settings): Promise<Settings>;
  setSpeed(speed: number): void;
  exchangeIds(): readonly string[];
  testExchange(source: MarketSource): Promise<AppResponses["app:test-exchange"]>;
  readonly strategies: StrategiesPort;
  /** Replaced when the market source or the clock changes. */
  readonly metrics: MetricsPort;
  /** Replaced with it. */
  readonly files: FilesPort;
  housekeeping(): HousekeepingStatus;
  /** Writes a backup of the ledger; throws EngineFault when it cannot be written or one is being written. */
  backup(): Promise<HousekeepingStatus>;
  /** Replaced when the market source or the clock changes: read it for every request. */
  readonly engine: {
    readonly bots: FleetPort;
    readonly queries: QueriesPort;
    readonly risk: RiskPort;
    readonly schedule: SchedulePort;
    readonly data: DataPort;
  };
}

export type FileWish =
  | { readonly kind: "import" }
  | { readonly kind: "export"; readonly name: string };

/** What the requests need besides the workspace. */
export interface IpcHost {
  /** Resolves once the data folder is open; rejects with the sentence why it cannot be. */
  workspace(): Promise<WorkspacePort>;
  status(): Promise<AppStatus>;
  queryLogs(query: Request<"logs:query">): Promise<LogResponses["logs:query"]>;
  openLogFolder(): Promise<void>;
  /** Shows the folder of the user's own strategies. */
  openStrategyFolder(): Promise<void>;
  /** Asks the trader for a CSV file to read, or for the place of one to write; null when none was chosen. */
  chooseFile(wish: FileWish): Promise<string | null>;
  settingsChanged(settings: Settings): void;
  quit(): void;
}

export type Handler<C extends Channel> = (request: Request<C>) => Awaitable<Responses[C]>;
/** The handlers of the channels that start with `<Domain>:`. */
export type HandlersOf<Domain extends string> = {
  readonly [C in Extract<Channel, `${Domain}:${string}`>]: Handler<C>;
};
