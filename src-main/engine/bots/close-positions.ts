import type { BulkOutcome } from "../../../src-preload/contract/bots.ts";
import type { Clock } from "../clock.ts";
import type { BotRoster } from "./bot-roster.ts";
import type { BotRuntime } from "./runtime.ts";

/** Closes the positions of bots one after the other; `close` answers null when it did, else the sentence why not. */
export async function closePositions(
  ids: readonly string[],
  roster: BotRoster,
  clock: Clock,
  close: (bot: BotRuntime) => Promise<string | null>,
): Promise<BulkOutcome> {
  const release = clock.hold();
  try {
    const refused = new Map<string, string>();
    for (const id of ids) {
      const bot = roster.find(id);
      if (bot === undefined) continue;
      const reason = roster.holds(id) ? await close(bot) : "It holds no position.";
      if (reason !== null) refused.set(id, reason);
    }
    return roster.each(ids, ({ stored }) => refused.get(stored.id) ?? null);
  } finally {
    release();
  }
}
