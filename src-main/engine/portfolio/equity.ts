import type { EquityPoint } from "../../../src-preload/contract/portfolio.ts";
import { decimalText, toNumber } from "../money.ts";
import type { EquityRow, FleetEquityRow } from "../store-port.ts";
import type { Worth } from "./account.ts";

/** A worth as the fleet's row of one instant, ms UTC. */
export const fleetRow = (time: number, worth: Omit<Worth, "fees">): FleetEquityRow => ({
  time,
  equity: decimalText(worth.equity),
  realised: decimalText(worth.realised),
  unrealised: decimalText(worth.unrealised),
  exposure: decimalText(worth.exposure),
});

/** A worth as a bot's row of one instant, ms UTC. */
export const equityRow = (botId: string, time: number, worth: Worth): EquityRow => ({
  botId,
  ...fleetRow(time, worth),
});

export const equityPoint = (row: FleetEquityRow): EquityPoint => ({
  time: row.time,
  equity: toNumber(row.equity),
  realised: toNumber(row.realised),
  unrealised: toNumber(row.unrealised),
  exposure: toNumber(row.exposure),
});

/** `points` instants from `first` to `last`, ms UTC, evenly spaced, both ends included; fewer when they coincide. */
export function evenTimes(first: number, last: number, points: number): readonly number[] {
  if (last <= first || points < 2) return [last];
  const step = (last - first) / (points - 1);
  return Array.from({ length: points }, (_, index) =>
    index === points - 1 ? last : first + index * step,
  );
}

/** At most `points` of the rows, evenly by position, first and last included. */
export function thin<T>(rows: readonly T[], points: number): readonly T[] {
  if (rows.length <= points) return rows;
  const step = (rows.length - 1) / (points - 1);
  return Array.from({ length: points }, (_, index) => rows[Math.round(index * step)]).filter(
    (row): row is T => row !== undefined,
  );
}
