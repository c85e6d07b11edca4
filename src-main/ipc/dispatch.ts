import type { $ZodIssue } from "zod/v4/core";
import { requestSchemas } from "../../src-preload/contract/index.ts";
import type { Channel } from "../../src-preload/contract/index.ts";
import type { Failure, Result } from "../../src-preload/contract/result.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";
import type { LogSink } from "../logging/entry.ts";
import { appHandlers } from "./app.ts";
import { botHandlers } from "./bots.ts";
import { dataHandlers } from "./data.ts";
import { fileHandlers } from "./files.ts";
import type { Handler, IpcHost } from "./host.ts";
import { housekeepingHandlers } from "./housekeeping.ts";
import { logHandlers } from "./logs.ts";
import { marketHandlers } from "./market.ts";
import { metricHandlers } from "./metrics.ts";
import { portfolioHandlers } from "./portfolio.ts";
import { riskHandlers } from "./risk.ts";
import { scheduleHandlers } from "./schedule.ts";
import { strategyHandlers } from "./strategies.ts";
import { tickHandlers } from "./ticks.ts";

/** Who asks. `page` is the address of the asking frame, empty when the frame is gone. */
export interface Sender {
  readonly page: string;
  /** True for the main frame of our own window; a frame inside the page is not. */
  readonly ownMainFrame: boolean;
}

/** Answers one request. Never rejects: every trouble is a Failure. */
export type Dispatch = (
  sender: Sender,
  channel: unknown,
  payload: unknown,
) => Promise<Result<unknown>>;

export interface DispatchOptions {
  readonly host: IpcHost;
  readonly log: LogSink;
  /** Address of our page without query and fragment. */
  readonly page: string;
}

const refuse = (error: Failure): Result<never> => ({ ok: false, error });

const isChannel = (value: unknown): value is Channel =>
  typeof value === "string" && Object.hasOwn(requestSchemas, value);

/** Shows a value a stranger sent: short, one line. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

// Wrappers of the payload are not form fields: `config.params.rsiPeriod` is the form's `params.rsiPeriod`.
const WRAPPERS: ReadonlySet<PropertyKey> = new Set(["config", "settings"]);

function fieldOf(issue: $ZodIssue): string {
  // An unknown key is reported at its parent; the key itself is what is at fault.
  const keys = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...keys];
  return path.slice(WRAPPERS.has(path[0] ?? "") ? 1 : 0).join(".");
}

/** The first issue as a Failure: one sentence that names the field unless the schema's own text does. */
function invalid(channel: Channel, issues: readonly $ZodIssue[]): Failure {
  const issue = issues[0];
  const message = issue?.message ?? "Invalid input";
  const field = issue === undefined ? "" : fieldOf(issue);
  const sentence = /[.!?]$/.test(message)
    ? message
    : `${field === "" ? `The request "${channel}"` : field}: ${message.charAt(0).toLowerCase()}${message.slice(1)}.`;
  return { code: "invalid", message: sentence, ...(field === "" ? {} : { field }) };
}

const samePage = (address: string, page: string): boolean => address.split(/[?#]/, 1)[0] === page;

/**
 * The contract's server side. A request is answered only to our own page's main frame, only on a channel of the
 * contract, and only when its payload parses. EngineFault becomes its Failure; anything else becomes
 * `internal` with a log record, and the window never sees a stack.
 */
export function createDispatch({ host, log, page }: DispatchOptions): Dispatch {
  const handlers: { readonly [C in Channel]: Handler<C> } = {
    ...appHandlers(host),
    ...botHandlers(host),
    ...housekeepingHandlers(host),
    ...dataHandlers(host),
    ...fileHandlers(host),
    ...logHandlers(host),
    ...marketHandlers(host),
    ...metricHandlers(host),
    ...portfolioHandlers(host),
    ...riskHandlers(host),
    ...scheduleHandlers(host),
    ...strategyHandlers(host),
    ...tickHandlers(host),
  };

  async function answer(channel: Channel, payload: unknown): Promise<Result<unknown>> {
    const parsed = requestSchemas[channel].safeParse(payload);
    if (!parsed.success) return refuse(invalid(channel, parsed.error.issues));
    // The channel's own schema parsed it; TypeScript cannot follow that through the mapped type.
    const handler = handlers[channel] as (request: unknown) => unknown;
    return { ok: true, value: await handler(parsed.data) };
  }

  return async (sender, channel, payload) => {
    if (!sender.ownMainFrame || !samePage(sender.page, page)) {
      const reason = `Refused a request of ${shown(sender.page)}: only Tickdeck's own window may ask.`;
      log.write({ level: "warn", event: "ipc", reason });
      return refuse({ code: "forbidden", message: "Only Tickdeck's own window may ask." });
    }
    if (!isChannel(channel)) {
      return refuse({ code: "not_found", message: `There is no request ${shown(channel)}.` });
    }
    try {
      return await answer(channel, payload);
    } catch (error) {
      if (error instanceof EngineFault) {
        const { code, message, field } = error;
        return refuse({ code, message, ...(field === undefined ? {} : { field }) });
      }
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.write({
        level: "error",
        event: "ipc",
        reason: `The request "${channel}" failed: ${messageOf(error)}`,
        error: detail,
      });
      return refuse({
        code: "internal",
        message: `The request "${channel}" failed inside Tickdeck; the log says why.`,
      });
    }
  };
}
