import type { VenueAnswer } from "./types.ts";

/** The venue's answer; a venue that throws, against its contract, leaves the outcome unknown. */
export async function askVenue(question: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
  try {
    return await question();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { outcome: "unresolved", reason: `The venue failed: ${reason}` };
  }
}
