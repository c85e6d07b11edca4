import { ExchangeError } from "./port.ts";
import type { Exchange } from "./port.ts";

/** What says that an exchange is in trouble; a refusal and a metric it does not have do not. */
const TROUBLE: ReadonlySet<ExchangeError["kind"]> = new Set([
  "network",
  "rate_limit",
  "bad_answer",
]);

/** The same exchange; `onFailure` hears of each request that failed for a reason of the exchange or the way to it. */
export function watchExchange<T extends Exchange>(exchange: T, onFailure: () => void): T {
  const watch = (answer: unknown): unknown => {
    if (answer instanceof Promise) {
      answer.catch((error: unknown) => {
        if (error instanceof ExchangeError && TROUBLE.has(error.kind)) onFailure();
      });
    }
    return answer;
  };
  return new Proxy(exchange, {
    // Private fields belong to the exchange itself, so that is what its methods are called on.
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function"
        ? (...args: unknown[]) => watch(Reflect.apply(value, target, args))
        : value;
    },
  });
}
