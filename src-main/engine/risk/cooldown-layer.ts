import { utc } from "../utc.ts";
import type { RiskLayer } from "./types.ts";
import { allow, deny } from "./verdicts.ts";

const LABEL = "Cooldown";

/** A bot whose stop was hit waits some candles. */
export const cooldownLayer: RiskLayer = {
  id: "cooldown",
  judge: ({ around }) => {
    if (around === undefined) return null;
    const { cooldownUntil, time } = around;
    return cooldownUntil !== null && time < cooldownUntil
      ? deny(LABEL, `Its stop was hit; it enters again from ${utc(cooldownUntil)}.`)
      : allow(LABEL, "no stop lately");
  },
};
