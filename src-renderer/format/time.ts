import { UNKNOWN } from "./numbers.ts";

export type Zone = "utc" | "local";

const two = (n: number): string => String(n).padStart(2, "0");

/** Year, month, day, hour, minute, second of an instant (ms UTC) in the zone. */
function parts(ms: number, zone: Zone): [number, number, number, number, number, number] {
  const d = new Date(ms);
  return zone === "utc"
    ? [
        d.getUTCFullYear(),
        d.getUTCMonth() + 1,
        d.getUTCDate(),
        d.getUTCHours(),
        d.getUTCMinutes(),
        d.getUTCSeconds(),
      ]
    : [
        d.getFullYear(),
        d.getMonth() + 1,
        d.getDate(),
        d.getHours(),
        d.getMinutes(),
        d.getSeconds(),
      ];
}

const usable = (ms: number | null | undefined): ms is number =>
  ms !== null && ms !== undefined && Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;

/** "HH:MM:SS"; `ms` is UTC. */
export function formatTime(ms: number | null | undefined, zone: Zone): string {
  if (!usable(ms)) return UNKNOWN;
  const [, , , h, m, s] = parts(ms, zone);
  return `${two(h)}:${two(m)}:${two(s)}`;
}

/** "2024-03-01"; `ms` is UTC. */
export function formatDate(ms: number | null | undefined, zone: Zone): string {
  if (!usable(ms)) return UNKNOWN;
  const [y, mo, d] = parts(ms, zone);
  return `${y}-${two(mo)}-${two(d)}`;
}

/** "2024-03-01 12:15:00"; `ms` is UTC. */
export const formatDateTime = (ms: number | null | undefined, zone: Zone): string =>
  usable(ms) ? `${formatDate(ms, zone)} ${formatTime(ms, zone)}` : UNKNOWN;

/** Axis label for charts: the time with seconds under five minutes, without them under two days, else the day, with the time unless it is midnight. */
export function formatAxisTime(ms: number, spanMs: number, zone: Zone): string {
  if (!usable(ms)) return UNKNOWN;
  const [, mo, d, h, m] = parts(ms, zone);
  if (spanMs < 5 * 60_000) return formatTime(ms, zone);
  if (spanMs < 2 * 86_400_000) return `${two(h)}:${two(m)}`;
  return spanMs < 10 * 86_400_000 && (h !== 0 || m !== 0)
    ? `${two(mo)}-${two(d)} ${two(h)}:${two(m)}`
    : `${two(mo)}-${two(d)}`;
}

/** "UTC", or the computer's distance from it at that instant: "UTC+02:00". */
export function zoneLabel(zone: Zone, ms: number): string {
  if (zone === "utc") return "UTC";
  const minutes = -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "\u2212" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Time left in ms as "M:SS", "H:MM:SS" or "3 d 04:05"; "due" at 0 and below; an en dash without a fire time. */
export function formatCountdown(leftMs: number | null): string {
  if (leftMs === null || !Number.isFinite(leftMs)) return UNKNOWN;
  if (leftMs <= 0) return "due";
  const seconds = Math.ceil(leftMs / 1000);
  const s = seconds % 60;
  const m = Math.floor(seconds / 60) % 60;
  const h = Math.floor(seconds / 3600);
  if (h >= 24) return `${Math.floor(h / 24)} d ${two(h % 24)}:${two(m)}`;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const round = (value: number): string => String(Number(value.toFixed(1)));

/** A length of time in its two largest units: "340 ms", "1.2 s", "3 min", "3 min 20 s", "8 h 12 min", "2 d 4 h". */
export function formatSpan(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  if (ms < 1000) return `${round(ms)} ms`;
  if (ms < 60_000) return `${round(ms / 1000)} s`;
  const units = [
    [86_400_000, "d", 3_600_000, "h"],
    [3_600_000, "h", 60_000, "min"],
    [60_000, "min", 1000, "s"],
  ] as const;
  const whole = Math.round(ms);
  for (const [unit, name, lesser, lesserName] of units) {
    if (whole < unit) continue;
    const rest = Math.floor((whole % unit) / lesser);
    return `${Math.floor(whole / unit)} ${name}${rest > 0 ? ` ${rest} ${lesserName}` : ""}`;
  }
  return UNKNOWN;
}

/** "2024-03-01 12:15", as a field for a date is filled; empty for none. `ms` is UTC. */
export const formatDateField = (ms: number | null, zone: Zone): string =>
  usable(ms) ? formatDateTime(ms, zone).slice(0, 16) : "";

/** Ms UTC of "2024-03-01 12:15" or of a day's begin, "2024-03-01"; null for anything else. */
export function parseDateField(text: string, zone: Zone): number | null {
  const [, day, time = "00:00"] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?$/.exec(text.trim()) ?? [];
  if (day === undefined) return null;
  const ms = Date.parse(`${day}T${time}${zone === "utc" ? "Z" : ""}`);
  // 02-30 would become a day of March.
  return usable(ms) && formatDate(ms, zone) === day ? ms : null;
}
