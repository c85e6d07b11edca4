/** How the times of one file are written; found from its first line of data and held to. */
export type TimeStyle = "s" | "ms" | "us" | "iso";

/** First instants, ms UTC, between which a number is taken for a time: 2001 and 2286. */
const earliestMs = 1e12;
const latestMs = 1e13;
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const perMs: Readonly<Record<Exclude<TimeStyle, "iso">, number>> = { s: 0.001, ms: 1, us: 1000 };

/** How a cell writes a time, or null when it is none: whole s, ms or µs since 1970, or an ISO date or time. */
export function timeStyleOf(cell: string): TimeStyle | null {
  if (isoTime.test(cell)) return "iso";
  if (!/^\d+(\.0+)?$/.test(cell)) return null;
  const number = Number(cell);
  const fits = (style: Exclude<TimeStyle, "iso">): boolean => {
    const ms = number / perMs[style];
    return ms >= earliestMs && ms < latestMs;
  };
  return (["ms", "s", "us"] as const).find(fits) ?? (number < earliestMs / 1000 ? "s" : null);
}

/** ms UTC of a cell; without an offset ISO times are UTC. Null for what is no time of this style. */
export function timeOf(cell: string, style: TimeStyle): number | null {
  if (style !== "iso") {
    const time = /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) / perMs[style] : Number.NaN;
    return Number.isFinite(time) ? time : null;
  }
  const match = isoTime.exec(cell);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    match;
  const offset = /^(Z|UTC)$/i.test(zone) ? "Z" : zone.replace(/^(...):?(..)$/, "$1:$2");
  const time = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${offset}`,
  );
  return Number.isNaN(time) ? null : time;
}

const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a cell, NaN for none. A comma is its decimal point where it is not the file's separator. */
export function numberOf(cell: string, separator: string): number {
  const text = separator === "," ? cell : cell.replace(/^([^,.]*),([^,.]*)$/, "$1.$2");
  return plain.test(text) ? Number(text) : Number.NaN;
}
