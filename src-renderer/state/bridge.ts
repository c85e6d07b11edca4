import type {
  Channel,
  EventChannel,
  Events,
  Request,
  Responses,
} from "../../src-preload/contract/index.ts";
import type { Result } from "../../src-preload/contract/result.ts";

/** Sends a request to the main process. A broken bridge becomes a Failure as well, so callers handle one shape. */
export async function ask<C extends Channel>(
  channel: C,
  payload: Request<C>,
): Promise<Result<Responses[C]>> {
  try {
    return await window.tickdeck.request(channel, payload);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      error: {
        code: "unavailable",
        message: `The engine did not answer "${channel}" (${detail}). Restart Tickdeck; the bots resume as they were.`,
      },
    };
  }
}

/** Listens to an event stream until the returned function is called. */
export function listen<E extends EventChannel>(
  channel: E,
  listener: (payload: Events[E]) => void,
): () => void {
  return window.tickdeck.on(channel, listener);
}
