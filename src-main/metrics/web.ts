import { setTimeout as pause } from "node:timers/promises";
import type * as z from "zod";
import { ExchangeError } from "../engine/exchange/port.ts";
import { messageOf } from "../engine/fault.ts";

/** Pauses before the second and the third try, ms. */
const PAUSES_MS = [1000, 4000];
const LIMIT_MS = 15_000;
const MOST_BYTES = 50_000_000;

export interface WebOptions {
  /** Shorter ones for tests. */
  readonly pausesMs?: readonly number[];
  readonly limitMs?: number;
}

/** Asking again helps against this: the network, a busy server; not against an address that is wrong. */
const passes = (status: number): boolean => status === 429 || status === 408 || status >= 500;

class Refused extends Error {}

/**
 * Reads a JSON answer, with a few tries, a time limit for each and a size limit. Rejects with ExchangeError: `network`
 * when it cannot be had, `bad_answer` when it is not what the source documents. `label` names the source.
 */
export async function readJson<S extends z.ZodType>(
  label: string,
  url: URL,
  schema: S,
  signal: AbortSignal | undefined,
  { pausesMs = PAUSES_MS, limitMs = LIMIT_MS }: WebOptions = {},
): Promise<z.infer<S>> {
  let failure: unknown;
  for (let attempt = 0; attempt <= pausesMs.length; attempt += 1) {
    signal?.throwIfAborted();
    try {
      const limit = AbortSignal.timeout(limitMs);
      const text = await once(url, signal === undefined ? limit : AbortSignal.any([signal, limit]));
      return checked(label, text, schema);
    } catch (error) {
      if (signal?.aborted === true || error instanceof ExchangeError) throw error;
      failure = error;
      if (error instanceof Refused) break;
      const wait = pausesMs[attempt];
      if (wait !== undefined) await pause(wait, undefined, signal === undefined ? {} : { signal });
    }
  }
  throw new ExchangeError(
    "network",
    `${label} (${url.host}) did not answer: ${reasonOf(failure)}`,
    {
      cause: failure,
    },
  );
}

const reasonOf = (error: unknown): string => {
  if (error instanceof DOMException && error.name === "TimeoutError") return "it took too long";
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : messageOf(error);
};

async function once(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, headers: { accept: "application/json" } });
  if (!response.ok) {
    const said = `status ${response.status}`;
    throw passes(response.status) ? new Error(said) : new Refused(said);
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MOST_BYTES)
      throw new Refused(`its answer is larger than ${MOST_BYTES / 1e6} MB`);
  }
  return text + decoder.decode();
}

function checked<S extends z.ZodType>(label: string, text: string, schema: S): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ExchangeError("bad_answer", `${label} answered something that is not JSON.`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ExchangeError(
    "bad_answer",
    `${label} answered in a form that is not its documented one (${issue?.path.join(".") ?? ""}: ${issue?.message ?? "?"}).`,
  );
}
