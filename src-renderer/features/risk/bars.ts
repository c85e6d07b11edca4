import type { LimitBar } from "../../../src-preload/contract/risk.ts";
import { formatNumber } from "../../format/numbers.ts";

/** How near a limit is: from 80 % of it on it is worth a look. */
export type Tone = "ok" | "warn" | "bad";

const NEAR = 0.8;

export const toneOf = ({ used, limit, holds }: LimitBar): Tone =>
  holds ? "bad" : limit > 0 && used >= limit * NEAR ? "warn" : "ok";

/** Share of the bar that is filled, 0..1. */
export const fillOf = ({ used, limit }: LimitBar): number =>
  limit <= 0 ? 1 : Math.min(1, Math.max(0, used / limit));

const figure = (value: number, unit: string): string =>
  formatNumber(value, unit === "%" ? 1 : Number.isInteger(value) ? 0 : 1);

/** "3.2 of 25 %" */
export const usedText = ({ used, limit, unit }: LimitBar): string =>
  `${figure(used, unit)} of ${formatNumber(limit, Number.isInteger(limit) ? 0 : 1)}${unit === "" ? "" : ` ${unit}`}`;

/** "21.8 % left" */
export const leftText = ({ used, limit, unit }: LimitBar): string =>
  `${figure(Math.max(0, limit - used), unit)}${unit === "" ? "" : ` ${unit}`} left`;
