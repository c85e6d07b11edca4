import * as z from "zod";
import { riskLimitsSchema } from "./risk.ts";
import type { RiskStatus } from "./risk.ts";

const THEMES = ["dark", "light", "system"] as const;

/** Where candles come from. Changing it needs every bot stopped and flat. */
const marketSourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("synthetic"),
    seed: z
      .number()
      .int()
      .min(1)
      .max(2 ** 31 - 1),
  }),
  z.strictObject({
    kind: z.literal("exchange"),
    /** ccxt exchange id, e.g. "binance". */
    exchangeId: z
      .string()
      .regex(
        /^[a-z0-9]{2,30}$/,
        'Exchange must be a ccxt id such as "binance": small letters and digits.',
      ),
    /** Replaces the API's scheme and host; null for the exchange's own. */
    baseUrl: z
      .url({
        protocol: /^https?$/,
        error: 'Base URL must start with http:// or https://, e.g. "http://127.0.0.1:8080".',
      })
      .nullable(),
  }),
]);
export type MarketSource = z.infer<typeof marketSourceSchema>;

/** Time-lapse needs the synthetic market or a replay exchange; a real exchange has only the wall's time. */
const clockSettingSchema = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("system") }),
  z.strictObject({ mode: z.literal("time-lapse"), speed: z.number().min(1).max(1_000_000) }),
]);
export const settingsSchema = z.strictObject({
  theme: z.enum(THEMES),
  timeZone: z.enum(["utc", "local"]),
  density: z.enum(["compact", "normal", "comfortable"]),
  pnlColours: z.enum(["default", "green-red", "red-green", "blue-orange"]),
  notifySignals: z.boolean(),
  closeToTray: z.boolean(),
  /** Keep the machine from going to sleep by itself while a bot runs. */
  keepAwake: z.boolean().default(true),
  /** A job of its own for each bot, or the bots of a timeframe one after the other. A bot takes it up when it is started, or Tickdeck is. */
  scheduling: z.enum(["single", "by_timeframe"]).default("single"),
  marketSource: marketSourceSchema,
  clock: clockSettingSchema,
  paper: z
    .strictObject({
      /** Each fill slips against us by a share in this range, drawn from the order's own id. */
      slippageMinBps: z.number().min(0).max(100),
      slippageMaxBps: z.number().min(0).max(100),
      /** Fee a side on the traded value, bps. */
      feeBps: z.number().min(0).max(100),
    })
    .refine((p) => p.slippageMinBps <= p.slippageMaxBps, {
      error: "Slippage: the smallest must not be above the largest.",
      path: ["slippageMinBps"],
    }),
  drainLimitSeconds: z.number().int().min(1).max(600),
  risk: riskLimitsSchema.prefault({}),
  /** System-wide keys that refuse all new entries, in Electron's notation; null for none. */
  killShortcut: z
    .string()
    .regex(
      /^((CommandOrControl|Control|Command|Alt|Shift|Super)\+)+([A-Z0-9]|F([1-9]|1[0-9]|2[0-4]))$/,
      'Shortcut must be modifiers and a key, such as "CommandOrControl+Alt+Shift+K".',
    )
    .nullable()
    .default("CommandOrControl+Alt+Shift+K"),
  /** Tick history and engine events older than this are deleted, equity is kept by the day from then on. */
  retentionDays: z.number().int().min(7).max(3650).default(180),
});
export type Settings = z.infer<typeof settingsSchema>;

/** The clock as the window needs it to run countdowns between two statuses. */
export interface ClockView {
  readonly mode: "system" | "virtual" | "time-lapse";
  /** Engine time when the status was taken, ms UTC. */
  readonly engineTime: number;
  /** Wall time at the same instant, ms UTC. */
  readonly wallTime: number;
  readonly speed: number;
}

export type EnginePhase = "starting" | "running" | "draining" | "stopped" | "failed";

export interface AppStatus {
  readonly phase: EnginePhase;
  /** One sentence for the trader when something needs attention, else null. */
  readonly problem: string | null;
  readonly clock: ClockView;
  readonly exchange: {
    readonly id: string;
    readonly label: string;
    readonly reachable: boolean | null;
    readonly requests: number;
    /** Least requests that this work can be done with. */
    readonly requestsMinimum: number;
    /** Share of the rate budget in use, 0..1; null where unknown. */
    readonly budgetUsed: number | null;
    /** Exchange's clock minus ours, ms; null before it is known. */
    readonly clockOffsetMs: number | null;
  };
  readonly eventLoopP99Ms: number;
  readonly runningTicks: number;
  readonly bots: {
    readonly total: number;
    readonly running: number;
    readonly paused: number;
    readonly error: number;
  };
  readonly equity: number;
  readonly pnlToday: number;
  readonly exposure: number;
  readonly risk: RiskStatus;
  readonly ticksTotal: number;
  /** Share of fire times that ran with lateness under 1 s, 0..1; null before the first. */
  readonly onTimeShare: number | null;
  readonly demo: boolean;
  readonly dataDir: string;
  readonly version: string;
}

/** What a signal notification says; the window keeps a list of them. */
export interface SignalNotice {
  readonly id: string;
  readonly botId: string;
  readonly title: string;
  readonly body: string;
  readonly time: number;
}

export const appRequests = {
  "app:status": z.void(),
  "app:settings": z.void(),
  "app:save-settings": z.strictObject({ settings: settingsSchema }),
  /** Changes time-lapse's speed at once. */
  "app:set-speed": z.strictObject({ speed: z.number().min(1).max(1_000_000) }),
  /** Ids of all ccxt exchanges with spot markets. */
  "app:exchanges": z.void(),
  /** Asks the exchange for its time and markets and tells what came back; changes nothing. */
  "app:test-exchange": z.strictObject({ marketSource: marketSourceSchema }),
  "app:quit": z.void(),
} as const;

export interface AppResponses {
  "app:status": AppStatus;
  "app:settings": Settings;
  "app:save-settings": Settings;
  "app:set-speed": null;
  "app:exchanges": readonly string[];
  "app:test-exchange": {
    readonly message: string;
    readonly markets: number;
    readonly clockOffsetMs: number | null;
  };
  "app:quit": null;
}

export interface AppEvents {
  /** Twice a second. */
  "app:status-changed": AppStatus;
  "app:settings-changed": Settings;
  /** A notification or the tray asks for a page, e.g. "/bots/b-17". */
  "app:navigate": { readonly route: string };
  "app:signal": SignalNotice;
}
