import { messageOf } from "../../src-main/engine/fault.ts";
import { playTrigger } from "./calendar.ts";
import type { AnyCase, SchedulerCase, TriggerCase } from "./cases.ts";
import { differences } from "./compare.ts";
import { play } from "./play.ts";
import { isKnown, notAsRecommended } from "./quirks.ts";
import { cronQuirk } from "./walk.ts";

export interface Judgement {
  /** What is wrong, a line each; empty when the case passes. */
  readonly wrong: readonly string[];
  /** What a reader should know although it passes. */
  readonly note: string | null;
}

/** Plays a case and judges it by its verdict: equal to the recording, or as the recommendation asks. Never throws. */
export async function judgeCase(c: AnyCase, grouped = false): Promise<Judgement> {
  try {
    return c.kind === "trigger" ? judgeTrigger(c) : await judgeScheduler(c, grouped);
  } catch (error) {
    return { wrong: [messageOf(error)], note: null };
  }
}

function judgeTrigger(c: TriggerCase): Judgement {
  if (c.verdict === "quirk") return { wrong: cronQuirk(c), note: null };
  const got = playTrigger(c);
  const refused = "refused" in got;
  const { fires_utc, raises } = c.expected;
  // What can never come is refused when it is given, not found out later.
  const never = refused && got.refused.includes("no day of any year fits");
  const same =
    raises !== undefined
      ? refused
      : JSON.stringify(never ? [null] : got) === JSON.stringify(fires_utc);
  const wanted = JSON.stringify(fires_utc ?? raises);
  return { wrong: same ? [] : [`fires: wanted ${wanted}, got ${JSON.stringify(got)}`], note: null };
}

async function judgeScheduler(c: SchedulerCase, grouped: boolean): Promise<Judgement> {
  if (c.verdict === "quirk") {
    const wrong = notAsRecommended(c, await play(c, { watched: true, grouped }));
    const note = isKnown(c) ? null : "judged by the rules for all cases only";
    return { wrong, note };
  }
  const wrong = differences(c, await play(c, { grouped }));
  if (c.verdict !== "informative" || wrong.length === 0) return { wrong, note: null };
  return { wrong: notAsRecommended(c, await play(c, { grouped })), note: wrong.join("; ") };
}
