const DAY_MS = 86_400_000;
/** Rows deleted in one go: about 2 ms, less than a tick notices. */
const ROWS_A_GO = 200;

/** Something that can forget its oldest rows a few at a time. */
interface Prunable {
  /** What its rows are called. */
  readonly what: string;
  /** Deletes at most `most` rows older than `before` (ms UTC) and gives how many it deleted. */
  prune(before: number, most: number): number;
}

interface PruneParts {
  readonly prunables: () => readonly Prunable[];
  /** Engine time, ms UTC: histories are kept by the clock they were written by. */
  readonly now: () => number;
  readonly keepDays: () => number;
  /** Lets ticks and the window have their turn. */
  readonly turn: () => Promise<void>;
}

/** Deletes what is older than the retention, a few rows between turns of the event loop. */
export async function pruneHistory({
  prunables,
  now,
  keepDays,
  turn,
}: PruneParts): Promise<string> {
  const days = keepDays();
  const before = now() - days * DAY_MS;
  const counts: string[] = [];
  for (const prunable of prunables()) {
    let deleted = 0;
    for (;;) {
      const gone = prunable.prune(before, ROWS_A_GO);
      deleted += gone;
      if (gone < ROWS_A_GO) break;
      await turn();
    }
    if (deleted > 0) counts.push(`${deleted} ${prunable.what}`);
  }
  return counts.length === 0
    ? `Nothing was older than ${days} days.`
    : `Deleted ${counts.join(", ")} older than ${days} days.`;
}
