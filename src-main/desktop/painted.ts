import type { WebContents } from "electron";

const MARK = "fleet-painted";

// Runs in the page; answers the mark's time on the wall's clock, ms UTC.
const WAIT_FOR_MARK = `new Promise((resolve) => {
  const answer = (mark) => resolve(performance.timeOrigin + mark.startTime);
  const [mark] = performance.getEntriesByName("${MARK}");
  if (mark) answer(mark);
  else new PerformanceObserver((list, observer) => {
    const [late] = list.getEntriesByName("${MARK}");
    if (!late) return;
    observer.disconnect();
    answer(late);
  }).observe({ type: "mark", buffered: true });
})`;

/** When the window painted the first rows of the fleet, ms UTC. Rejects when the page goes away before. */
export async function fleetPainted(contents: WebContents): Promise<number> {
  const time: unknown = await contents.executeJavaScript(WAIT_FOR_MARK);
  if (typeof time !== "number") throw new Error("The page answered no time.");
  return time;
}

/** Prints how long the process took to its first painted fleet, for the start-up bench: `{"first_paint_ms":…}`. */
export async function traceStartup(contents: WebContents): Promise<void> {
  const startedAt = process.getCreationTime();
  if (startedAt === null) return;
  const ms = Math.round((await fleetPainted(contents)) - startedAt);
  process.stdout.write(`${JSON.stringify({ first_paint_ms: ms })}\n`);
}
