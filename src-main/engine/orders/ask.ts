import type { VenueAnswer } from "./types.ts";

/**
 * The venue's answer. A venue that throws, against its contract, leaves the outcome unknown; so does one that has
 * not answered when the signal is aborted, whether it listens to that or not: the order is looked up later.
 */
export async function askVenue(
  question: () => Promise<VenueAnswer>,
  signal?: AbortSignal,
): Promise<VenueAnswer> {
  let leave = (): void => {};
  try {
    if (signal === undefined) return await question();
    const aborted = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
    });
    aborted.catch(() => undefined);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    return await Promise.race([question(), aborted]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      outcome: "unresolved",
      reason:
        signal?.aborted === true
          ? `Its answer was not waited for: ${reason}`
          : `The venue failed: ${reason}`,
    };
  } finally {
    signal?.removeEventListener("abort", leave);
  }
}
