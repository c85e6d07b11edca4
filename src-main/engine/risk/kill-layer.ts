import type { KillLevel } from "../../../src-preload/contract/risk.ts";
import { utc } from "../utc.ts";
import type { RiskLayer } from "./types.ts";
import { allow, deny } from "./verdicts.ts";

const LABEL = "Kill switch";

const WORDS: Readonly<Record<KillLevel, string>> = {
  entries: "no new entries",
  cancel: "orders cancelled, no new entries",
  close: "all positions closed, no new entries",
};

/** Nothing is entered while the kill switch is on. */
export const killLayer: RiskLayer = {
  id: "kill",
  judge: ({ around }) => {
    if (around === undefined) return null;
    const { level, since, by } = around.kill;
    if (level === "off") return allow(LABEL, "off");
    return deny(
      LABEL,
      `The kill switch is on (${WORDS[level]}), thrown by the ${by ?? "trader"}${since === null ? "" : ` at ${utc(since)}`}; release it on the Risk page.`,
    );
  },
};
