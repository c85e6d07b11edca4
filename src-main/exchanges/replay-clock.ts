import * as z from "zod";

const answerSchema = z.object({ now: z.number().positive() });

/** The clock of a replay exchange, driven through its control endpoint. Only replay exchanges have one. */
export class ReplayClock {
  readonly #url: string;

  constructor(baseUrl: string) {
    this.#url = new URL("/control/clock", baseUrl).href;
  }

  /** The replay exchange's time, ms UTC; null where there is no such endpoint. */
  async read(): Promise<number | null> {
    try {
      const answer = await fetch(this.#url, { signal: AbortSignal.timeout(5000) });
      const parsed = answerSchema.safeParse(await answer.json());
      return answer.ok && parsed.success ? parsed.data.now : null;
    } catch {
      return null;
    }
  }

  /** Moves it to `time`, ms UTC; never backwards. Rejects when it does not answer. */
  async set(time: number): Promise<void> {
    const answer = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ now: time }),
      signal: AbortSignal.timeout(5000),
    });
    if (!answer.ok)
      throw new Error(
        `The replay exchange refused the time: ${answer.status} ${await answer.text()}`,
      );
  }
}
