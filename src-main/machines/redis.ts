import { Redis } from "ioredis";
import { checkRedisUrl } from "./messages.ts";

const SLOWEST_RETRY_MS = 2000;

/**
 * A connection that comes back by itself for as long as it is open. Commands wait for it, as BullMQ's workers need; with
 * `impatient` they fail at once while there is none. Throws EngineFault for an address that is no Redis URL.
 */
export function connect(url: string, options: { readonly impatient?: boolean } = {}): Redis {
  const redis = new Redis(checkRedisUrl(url), {
    maxRetriesPerRequest: null,
    enableOfflineQueue: options.impatient !== true,
    retryStrategy: (times: number) => Math.min(SLOWEST_RETRY_MS, 50 * times),
  });
  // Told by those who use it; unheard, it would end the process.
  redis.on("error", () => {});
  return redis;
}
