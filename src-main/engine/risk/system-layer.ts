import type { RiskLayer, Surroundings } from "./types.ts";
import { allow, deny } from "./verdicts.ts";

const LABEL = "System";

/** What a tick at the very end of a candle may be late by, ms. */
const TOLERANCE_MS = 60_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Why the system is in no state to enter, or null. */
function trouble(around: Surroundings): string | null {
  const { limits, time, candleClosedAt, candleMs, clockOffsetMs, exchangeFailures, stall } = around;
  const age = time - candleClosedAt;
  if (age > limits.staleCandles * candleMs + TOLERANCE_MS) {
    return `The candle decided on closed ${(age / candleMs).toFixed(1)} candles ago; the limit is ${limits.staleCandles}.`;
  }
  if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > limits.maxClockOffsetMs) {
    return `The exchange's clock is ${Math.round(clockOffsetMs)} ms from this machine's; the limit is ${limits.maxClockOffsetMs} ms. Set this machine's clock by a time server.`;
  }
  if (limits.exchangeFailures > 0 && exchangeFailures >= limits.exchangeFailures) {
    return `${exchangeFailures} requests to the exchange failed in the last ${limits.exchangeMinutes} min; the limit is ${limits.exchangeFailures}.`;
  }
  if (
    limits.stallMs > 0 &&
    stall !== null &&
    stall.ms >= limits.stallMs &&
    time - stall.at < limits.stallQuietSeconds * 1000
  ) {
    return `Tickdeck stood still for ${seconds(stall.ms)}; entries wait ${limits.stallQuietSeconds} s after that.`;
  }
  if (around.deadMan === "no_entries" || around.deadMan === "stopped") {
    return `Nobody has checked in for ${around.deadMan === "stopped" ? limits.deadManStopHours : limits.deadManEntriesHours} hours; check in on the Risk page or in the tray.`;
  }
  return null;
}

/** Old data, clocks that differ, an exchange in trouble, a process that stood still, a trader who is away. */
export const systemLayer: RiskLayer = {
  id: "system",
  judge: ({ around }) => {
    if (around === undefined) return null;
    const reason = trouble(around);
    if (reason !== null) return deny(LABEL, reason);
    const { clockOffsetMs, exchangeFailures } = around;
    return allow(
      LABEL,
      `clock ${clockOffsetMs === null ? "not known yet" : `${Math.round(clockOffsetMs)} ms`}, ${exchangeFailures} failed requests`,
    );
  },
};
