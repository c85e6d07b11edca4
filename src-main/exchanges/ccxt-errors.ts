import { ExchangeError } from "../engine/exchange/port.ts";

/** What is known of a failed call. */
export interface FailedCall {
  /** The exchange's label. */
  readonly exchange: string;
  /** What was asked, to follow "when asked for". */
  readonly what: string;
  /** HTTP status of the last answer; null when there was none. */
  readonly status: number | null;
}

/** Names of an error's class and its ancestors, so that ccxt's classes are told apart without importing them. */
function classNames(error: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  let prototype: unknown = error;
  while (typeof prototype === "object" && prototype !== null) {
    names.add(prototype.constructor.name);
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}

/** The error's own words on one line, without queries (they hold signatures) and not too long. */
function detailOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\?\S+/g, "").replaceAll(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}

/** Turns whatever ccxt threw into an ExchangeError whose one sentence names the exchange, the question and the way on. */
export function toExchangeError(error: unknown, call: FailedCall): ExchangeError {
  if (error instanceof ExchangeError) return error;
  const { exchange, what, status } = call;
  const names = classNames(error);
  const detail = detailOf(error);
  const make = (kind: ExchangeError["kind"], said: string, todo: string): ExchangeError =>
    new ExchangeError(kind, `${exchange} ${said} when asked for ${what} (${detail}); ${todo}.`, {
      cause: error,
    });

  if (status === 429 || status === 418 || (status === null && names.has("RateLimitExceeded"))) {
    const todo =
      status === 418
        ? "stop other programs that use it from this address and wait for the ban to end"
        : "wait; requests go on by themselves when it allows";
    return make("rate_limit", `refused for too many requests (HTTP ${status ?? 429})`, todo);
  }
  if (names.has("InvalidNonce") || detail.includes("-1021")) {
    return make(
      "refused",
      "refused the time stamp",
      "set this computer's clock by an internet time server",
    );
  }
  if (names.has("NotSupported")) {
    return make("unsupported", "has no answer", "choose another exchange for it");
  }
  if (status !== null && status >= 500) {
    return make(
      "network",
      `failed with HTTP ${status}`,
      "it is the exchange's fault; it is asked again later",
    );
  }
  if (status !== null && status >= 400) {
    return make(
      "refused",
      `refused with HTTP ${status}`,
      "check the symbol, the exchange id and the API base URL",
    );
  }
  if (names.has("RequestTimeout")) {
    return make(
      "network",
      "did not answer in time",
      "check the connection; it is asked again later",
    );
  }
  if (names.has("BadResponse") || names.has("SyntaxError")) {
    return make(
      "bad_answer",
      "answered something unreadable",
      "check that the API base URL is an exchange's",
    );
  }
  if (names.has("NetworkError") || (status === null && names.has("TypeError"))) {
    return make("network", "could not be reached", "check the connection and the API base URL");
  }
  if (status === null && !names.has("BaseError")) {
    return make("bad_answer", "could not be asked", "please report this as a fault of Tickdeck");
  }
  if (!names.has("BaseError")) {
    return make(
      "bad_answer",
      "answered something unexpected",
      "check that the API base URL is an exchange's",
    );
  }
  return make("refused", "refused", "check the symbol and the exchange id");
}
