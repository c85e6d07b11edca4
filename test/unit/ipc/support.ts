import { metricSettingsSchema } from "../../../src-preload/contract/metrics.ts";
import type { AppStatus, Settings } from "../../../src-preload/contract/app.ts";
import type { FileJobView } from "../../../src-preload/contract/files.ts";
import { RISK_DEFAULTS } from "../../../src-preload/contract/risk-limits.ts";
import type { BotConfig, BotView } from "../../../src-preload/contract/bots.ts";
import { EngineFault } from "../../../src-main/engine/fault.ts";
import { createDispatch } from "../../../src-main/ipc/dispatch.ts";
import type { Dispatch, Sender } from "../../../src-main/ipc/dispatch.ts";
import type { IpcHost, WorkspacePort } from "../../../src-main/ipc/host.ts";
import type { LogEntry } from "../../../src-main/logging/entry.ts";

export const PAGE = "tickdeck://app/index.html";
export const OURS: Sender = { page: PAGE, ownMainFrame: true };

export const config: BotConfig = {
  name: "BTC mean reversion",
  strategy: "mean_reversion_bb",
  symbol: "BTC/USDT",
  timeframe: "15m",
  capital: 1000,
  positionShare: 0.2,
  allowShort: false,
  schedule: { kind: "interval" },
  graceMs: 60_000,
  coalesce: true,
  runLimitMs: 120_000,
  params: { period: 20 },
};

export const settings: Settings = {
  theme: "dark",
  timeZone: "utc",
  density: "normal",
  pnlColours: "default",
  notifySignals: true,
  closeToTray: true,
  keepAwake: true,
  scheduling: "single",
  marketSource: { kind: "synthetic", seed: 1 },
  clock: { mode: "system" },
  paper: { slippageMinBps: 2, slippageMaxBps: 10, feeBps: 10 },
  metrics: metricSettingsSchema.parse(undefined),
  drainLimitSeconds: 30,
  risk: RISK_DEFAULTS,
  killShortcut: null,
  retentionDays: 180,
};

export const view = (id: string): BotView => ({
  id,
  config,
  status: "stopped",
  health: "stopped",
  healthReason: "Stopped.",
  nextFireTime: null,
  runningSince: null,
  lastTick: null,
  ticks: 0,
  position: {
    state: "FLAT",
    side: null,
    quantity: 0,
    entryPrice: null,
    entryTime: null,
    stopPrice: null,
    lastPrice: null,
    unrealisedPnl: 0,
  },
  equity: 1000,
  realisedPnl: 0,
  pnlToday: 0,
  pnlTotal: 0,
  feesPaid: 0,
  trades: 0,
  createdAt: 0,
});

export const status: AppStatus = {
  phase: "running",
  problem: null,
  clock: { mode: "system", engineTime: 0, wallTime: 0, speed: 1 },
  exchange: {
    id: "synthetic",
    label: "Synthetic market",
    reachable: true,
    requests: 0,
    requestsMinimum: 0,
    budgetUsed: null,
    clockOffsetMs: 0,
  },
  eventLoopP99Ms: 0,
  runningTicks: 0,
  bots: { total: 0, running: 0, paused: 0, error: 0 },
  equity: 0,
  pnlToday: 0,
  exposure: 0,
  risk: {
    kill: { level: "off", since: null, by: null, note: "", left: 0 },
    deadMan: null,
    breakers: 0,
  },
  ticksTotal: 0,
  onTimeShare: null,
  demo: false,
  dataDir: "/data",
  version: "0",
};

const fileJob: Omit<FileJobView, "series" | "file"> = {
  kind: "import",
  state: "reading",
  reason: "",
  progress: 0,
  preview: null,
};

export interface Bench {
  readonly dispatch: Dispatch;
  /** Everything that would have changed something, with its arguments. */
  readonly writes: unknown[][];
  readonly logged: LogEntry[];
}

/** The server side on a workspace that knows bot "b1" and strategy "mean_reversion_bb". */
export function bench(over: Partial<IpcHost> = {}): Bench {
  const writes: unknown[][] = [];
  const logged: LogEntry[] = [];
  const known = (id: string): BotView => {
    if (id === "b1") return view(id);
    throw new EngineFault("not_found", `There is no bot "${id}".`);
  };
  const bulk =
    (name: string) =>
    (ids: readonly string[]): { done: number; refused: never[] } => {
      writes.push([name, ids]);
      return { done: ids.length, refused: [] };
    };
  const housekeeping = { jobs: [], backups: [], backupFolder: "backups", sizes: [] };
  const workspace: WorkspacePort = {
    settings: () => settings,
    saveSettings: async (next) => {
      writes.push(["saveSettings", next]);
      return next;
    },
    setSpeed: (speed) => {
      writes.push(["setSpeed", speed]);
    },
    strategies: {
      list: () => ({ folder: "strategies", files: [], stops: 0 }),
      reload: async () => ({ folder: "strategies", files: [], stops: 0 }),
      create: (name) => `${name}.ts`,
    },
    metrics: { list: () => [], sync: async () => [] },
    files: {
      job: () => null,
      check: () => undefined,
      read: (series, file) => {
        writes.push(["read", file]);
        return { ...fileJob, series, file };
      },
      write: (series, file) => {
        writes.push(["write", file]);
        return { ...fileJob, kind: "export", series, file };
      },
      store: () => void writes.push(["store"]),
      cancel: () => void writes.push(["cancelFile"]),
      dismiss: () => void writes.push(["dismissFile"]),
    },
    exchangeIds: () => ["binance"],
    testExchange: async () => ({ message: "It answered.", markets: 1, clockOffsetMs: 0 }),
    housekeeping: () => housekeeping,
    backup: async () => {
      writes.push(["backup", null]);
      return housekeeping;
    },
    engine: {
      bots: {
        list: () => [view("b1")],
        get: known,
        strategies: () => [],
        symbols: async () => ["BTC/USDT"],
        previewSchedule: () => [1, 2, 3, 4, 5],
        create: (given) => {
          if (given.strategy !== "mean_reversion_bb") {
            throw new EngineFault(
              "invalid",
              `There is no strategy "${given.strategy}".`,
              "strategy",
            );
          }
          writes.push(["create", given]);
          return view("b2");
        },
        update: (id, given) => {
          const bot = known(id);
          writes.push(["update", id, given]);
          return bot;
        },
        delete: bulk("delete"),
        start: bulk("start"),
        stop: bulk("stop"),
        pause: bulk("pause"),
        resume: bulk("resume"),
        closePositions: async (ids) => bulk("closePositions")(ids),
        createPreset: (start) => {
          writes.push(["createPreset", start]);
          return { created: 45, existing: 0 };
        },
      },
      queries: {
        ticks: () => [],
        latency: () => ({
          buckets: [],
          total: {
            ran: 0,
            missed: 0,
            coalesced: 0,
            skipped: 0,
            cancelled: 0,
            onTime: 0,
            errors: 0,
          },
        }),
        positions: () => [],
        orders: () => [],
        equity: () => [],
        candles: () => ({ time: [], open: [], high: [], low: [], close: [], volume: [] }),
      },
      risk: {
        overview: () => ({
          time: 0,
          kill: status.risk.kill,
          deadMan: null,
          bars: [],
          breakers: [],
          exposure: [],
          portfolio: { equity: 0, peak: 0, drawdownPct: 0 },
          bots: [],
          correlation: { symbols: [], values: [], candles: 100 },
        }),
        kill: async (level, by, note) => {
          writes.push(["kill", level, by, note]);
          return { kill: status.risk.kill, cancelled: 0, closed: 0, refused: [] };
        },
        release: (by, note) => {
          writes.push(["release", by, note]);
          return status.risk.kill;
        },
        checkIn: () => {
          writes.push(["checkIn"]);
          return null;
        },
        status: () => status.risk,
        resetBreaker: (id, note) => {
          if (id !== "daily_loss:") throw new EngineFault("not_found", "There is no such breaker.");
          writes.push(["resetBreaker", id, note]);
        },
        lockPair: ({ symbol }) => {
          writes.push(["lockPair", symbol]);
          return {
            id: `pair_lock:${symbol}`,
            kind: "pair_lock",
            scope: symbol,
            scopeLabel: symbol,
            trippedAt: 0,
            until: 1,
            reason: "",
          };
        },
        events: () => [],
        drawdown: () => [],
        previewAllocation: () => [],
        applyAllocation: (query) => {
          writes.push(["applyAllocation", query]);
          return { changed: query.rows.length };
        },
      },
      schedule: {
        timeline: () => ({ lanes: [], events: [], truncated: false }),
        health: () => ({
          total: {
            lateness: null,
            duration: null,
            ticks: 0,
            missed: 0,
            coalesced: 0,
            skipped: 0,
            cancelled: 0,
            outliers: 0,
          },
          bots: [],
        }),
        histogram: () => ({ edges: [0], counts: [0] }),
        reasons: () => ({ outcomes: [] }),
      },
      data: {
        coverage: () => [],
        timeframes: () => [],
        backfills: () => [],
        backfill: (order) => {
          writes.push(["backfill", order]);
          return { started: [], refused: [] };
        },
        pause: (ids) => void writes.push(["backfillPause", ids]),
        resume: (ids) => void writes.push(["backfillResume", ids]),
        cancel: (ids) => void writes.push(["backfillCancel", ids]),
        clear: () => void writes.push(["backfillClear"]),
        findings: () => ({ rows: [], counts: {} }),
        regimes: () => [],
        correlations: () => ({
          timeframe: "1h",
          window: 100,
          symbols: [],
          matrix: [],
          candleTime: null,
        }),
      },
    },
  };
  const host: IpcHost = {
    workspace: async () => workspace,
    status: async () => status,
    queryLogs: async () => ({ records: [], file: "tickdeck.log" }),
    openStrategyFolder: async () => {
      writes.push(["openStrategyFolder"]);
    },
    openLogFolder: async () => {
      writes.push(["openLogFolder"]);
    },
    chooseFile: async (wish) => (wish.kind === "import" ? "in.csv" : wish.name),
    settingsChanged: (next) => {
      writes.push(["settingsChanged", next]);
    },
    quit: () => {
      writes.push(["quit"]);
    },
    ...over,
  };
  const log = { write: (entry: LogEntry) => void logged.push(entry) };
  return { dispatch: createDispatch({ host, log, page: PAGE }), writes, logged };
}
