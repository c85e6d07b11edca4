import { settingsSchema } from "../../../src-preload/contract/app.ts";
import type { Settings } from "../../../src-preload/contract/app.ts";
import { RISK_FIELDS } from "../../../src-preload/contract/risk-limits.ts";
import type { DeadManStop, RiskNumbers } from "../../../src-preload/contract/risk-limits.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";

/** Limits of risk as their fields hold them: a number, or the text of one that is empty. */
type RiskDraft = Readonly<Record<keyof RiskNumbers, number | string>> & {
  readonly deadMan: boolean;
  readonly deadManStop: DeadManStop;
};

/** What the fields hold. Both market sources and both clocks are kept, so that a look at the other one loses nothing. */
export interface SettingsDraft {
  theme: Settings["theme"];
  timeZone: Settings["timeZone"];
  density: Settings["density"];
  pnlColours: Settings["pnlColours"];
  notifySignals: boolean;
  closeToTray: boolean;
  keepAwake: boolean;
  scheduling: Settings["scheduling"];
  sourceKind: "synthetic" | "exchange";
  seed: number | string;
  exchangeId: string;
  /** Empty for the exchange's own. */
  baseUrl: string;
  clockMode: "system" | "time-lapse";
  speed: number | string;
  slippageMinBps: number | string;
  slippageMaxBps: number | string;
  feeBps: number | string;
  drainLimitSeconds: number | string;
  risk: RiskDraft;
  /** Empty for none. */
  killShortcut: string;
  retentionDays: number | string;
}

export type SettingsField = keyof SettingsDraft;
export type SettingsErrors = Partial<Record<SettingsField | `risk.${keyof RiskNumbers}`, string>>;

/** Fields from saved settings. */
export function draftOf(settings: Settings): SettingsDraft {
  const { marketSource: source, clock, paper } = settings;
  return {
    theme: settings.theme,
    timeZone: settings.timeZone,
    density: settings.density,
    pnlColours: settings.pnlColours,
    notifySignals: settings.notifySignals,
    closeToTray: settings.closeToTray,
    keepAwake: settings.keepAwake,
    scheduling: settings.scheduling,
    sourceKind: source.kind,
    seed: source.kind === "synthetic" ? source.seed : 1,
    exchangeId: source.kind === "exchange" ? source.exchangeId : "",
    baseUrl: source.kind === "exchange" ? (source.baseUrl ?? "") : "",
    clockMode: clock.mode,
    speed: clock.mode === "time-lapse" ? clock.speed : 900,
    slippageMinBps: paper.slippageMinBps,
    slippageMaxBps: paper.slippageMaxBps,
    feeBps: paper.feeBps,
    drainLimitSeconds: settings.drainLimitSeconds,
    risk: settings.risk,
    killShortcut: settings.killShortcut ?? "",
    retentionDays: settings.retentionDays,
  };
}

const FIELD_OF_PATH: Readonly<Record<string, SettingsField>> = {
  "marketSource.kind": "sourceKind",
  "marketSource.seed": "seed",
  "marketSource.exchangeId": "exchangeId",
  "marketSource.baseUrl": "baseUrl",
  marketSource: "sourceKind",
  "clock.mode": "clockMode",
  "clock.speed": "speed",
  clock: "clockMode",
  "paper.slippageMinBps": "slippageMinBps",
  "paper.slippageMaxBps": "slippageMaxBps",
  "paper.feeBps": "feeBps",
  paper: "slippageMinBps",
  theme: "theme",
  timeZone: "timeZone",
  density: "density",
  pnlColours: "pnlColours",
  notifySignals: "notifySignals",
  closeToTray: "closeToTray",
  keepAwake: "keepAwake",
  scheduling: "scheduling",
  drainLimitSeconds: "drainLimitSeconds",
  killShortcut: "killShortcut",
  retentionDays: "retentionDays",
};

/** The field of a path in the settings, "risk.botDrawdownPct" being one of its own; null for a path without a field. */
function fieldOfPath(path: string): keyof SettingsErrors | null {
  const [group, key] = path.split(".");
  if (group === "risk" && key !== undefined && key in RISK_FIELDS)
    return `risk.${key as keyof RiskNumbers}`;
  return FIELD_OF_PATH[path] ?? null;
}

/** The field that a refusal of the main process names ("settings.clock.speed" or "clock.speed"), or null. */
export const fieldOfSettingsFailure = (failure: Failure): keyof SettingsErrors | null =>
  fieldOfPath(failure.field?.replace(/^settings\./, "") ?? "");

interface Limits {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  readonly unit: string;
}

/** Ranges of the number fields, as the contract's schema has them. */
export const LIMITS = {
  seed: { label: "Seed", min: 1, max: 2_147_483_647, whole: true, unit: "" },
  speed: { label: "Speed", min: 1, max: 1_000_000, whole: false, unit: "" },
  slippageMinBps: { label: "Smallest slippage", min: 0, max: 100, whole: false, unit: " bps" },
  slippageMaxBps: { label: "Largest slippage", min: 0, max: 100, whole: false, unit: " bps" },
  feeBps: { label: "Fee", min: 0, max: 100, whole: false, unit: " bps" },
  drainLimitSeconds: { label: "Drain limit", min: 1, max: 600, whole: true, unit: " s" },
  retentionDays: { label: "Tick history", min: 7, max: 3650, whole: true, unit: " days" },
} as const satisfies Partial<Record<SettingsField, Limits>>;

function checkNumber(draft: SettingsDraft, key: keyof typeof LIMITS): string | null {
  const { label, min, max, whole, unit } = LIMITS[key];
  const value = draft[key];
  const wanted = `enter a ${whole ? "whole " : ""}number from ${min} to ${max}${unit}.`;
  if (typeof value !== "number" || !Number.isFinite(value)) return `${label} is empty; ${wanted}`;
  if (value < min || value > max || (whole && !Number.isInteger(value)))
    return `${label} is ${value}; ${wanted}`;
  return null;
}

type Checked =
  | { readonly settings: Settings; readonly errors: null }
  | { readonly settings: null; readonly errors: SettingsErrors };

/** Settings from the fields, or what is wrong with each field at fault. */
export function checkSettings(draft: SettingsDraft): Checked {
  const errors: SettingsErrors = {};
  const numbers: (keyof typeof LIMITS)[] = [
    "slippageMinBps",
    "slippageMaxBps",
    "feeBps",
    "drainLimitSeconds",
    "retentionDays",
  ];
  if (draft.sourceKind === "synthetic") numbers.push("seed");
  if (draft.clockMode === "time-lapse") numbers.push("speed");
  for (const key of numbers) {
    const error = checkNumber(draft, key);
    if (error !== null) errors[key] = error;
  }
  if (draft.sourceKind === "exchange" && draft.exchangeId === "") {
    errors.exchangeId = "No exchange is chosen; choose one of the list.";
  }
  const baseUrl = draft.baseUrl.trim();
  const parsed = settingsSchema.safeParse({
    theme: draft.theme,
    timeZone: draft.timeZone,
    density: draft.density,
    pnlColours: draft.pnlColours,
    notifySignals: draft.notifySignals,
    closeToTray: draft.closeToTray,
    keepAwake: draft.keepAwake,
    scheduling: draft.scheduling,
    marketSource:
      draft.sourceKind === "synthetic"
        ? { kind: "synthetic", seed: draft.seed }
        : {
            kind: "exchange",
            exchangeId: draft.exchangeId,
            baseUrl: baseUrl === "" ? null : baseUrl,
          },
    clock:
      draft.clockMode === "system"
        ? { mode: "system" }
        : { mode: "time-lapse", speed: draft.speed },
    paper: {
      slippageMinBps: draft.slippageMinBps,
      slippageMaxBps: draft.slippageMaxBps,
      feeBps: draft.feeBps,
    },
    drainLimitSeconds: draft.drainLimitSeconds,
    risk: draft.risk,
    killShortcut: draft.killShortcut.trim() === "" ? null : draft.killShortcut.trim(),
    retentionDays: draft.retentionDays,
  });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = fieldOfPath(issue.path.join("."));
      if (field !== null) errors[field] ??= issue.message;
    }
  }
  return parsed.success && Object.keys(errors).length === 0
    ? { settings: parsed.data, errors: null }
    : { settings: null, errors };
}

/** Whether any field differs from what is saved; fields of the source or clock not in use do not count. */
export function isChanged(draft: SettingsDraft, saved: Settings): boolean {
  const before = draftOf(saved);
  const unused: SettingsField[] = [
    ...(draft.sourceKind === "synthetic"
      ? (["exchangeId", "baseUrl"] as const)
      : (["seed"] as const)),
    ...(draft.clockMode === "system" ? (["speed"] as const) : []),
  ];
  return (Object.keys(before) as SettingsField[]).some(
    (key) =>
      !unused.includes(key) &&
      (key === "risk"
        ? JSON.stringify(before.risk) !== JSON.stringify(draft.risk)
        : before[key] !== draft[key]),
  );
}
