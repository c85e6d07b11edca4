import * as z from "zod";
import type { Decision } from "../engine/strategies/types.ts";

const reason = z.string().min(1, "must say in a sentence why").max(2000);
const share = z.number().min(0).max(1);
const conditions = z
  .array(z.object({ label: z.string().max(200), held: z.boolean(), detail: z.string().max(500) }))
  .max(50)
  .default([]);

const decisionSchema = z.discriminatedUnion("action", [
  z.object({ action: z.literal("hold"), reason, conditions }),
  z.object({ action: z.literal("exit"), reason, conditions }),
  z.object({
    action: z.literal("enter"),
    side: z.enum(["long", "short"]),
    confidence: share,
    stopPrice: z.number().positive(),
    sizeFactor: share.default(1),
    reason,
    conditions,
  }),
]);

/** What a strategy answered, as a decision. Throws one sentence that names what is wrong with it. */
export function decisionOf(value: unknown, close: number, allowShort: boolean): Decision {
  const parsed = decisionSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new Error(
      `decide answered no decision: ${field === "" ? "" : `${field}: `}${issue?.message ?? "it cannot be read"}`,
    );
  }
  const decision = parsed.data;
  if (decision.action !== "enter") return decision;
  if (decision.side === "short" && !allowShort)
    throw new Error(
      "decide enters short, but shorting is off for this bot; look at input.allowShort",
    );
  const wrongSide =
    decision.side === "long" ? decision.stopPrice >= close : decision.stopPrice <= close;
  if (wrongSide) {
    throw new Error(
      `decide enters ${decision.side} with its stop at ${decision.stopPrice}, on the wrong side of the close ${close}`,
    );
  }
  return decision;
}
