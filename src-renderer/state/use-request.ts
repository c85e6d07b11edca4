import { useCallback, useEffect, useRef, useState } from "react";
import type {
  Channel,
  EventChannel,
  Events,
  Request,
  Responses,
} from "../../src-preload/contract/index.ts";
import type { Failure } from "../../src-preload/contract/result.ts";
import { ask, listen } from "./bridge.ts";

interface RequestState<C extends Channel> {
  /** The last answer; kept while a newer one is on its way and when that fails. */
  readonly value: Responses[C] | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface RefreshOptions {
  /** Asks again this often, wall ms. */
  readonly everyMs?: number;
  /** Asks again when this text changes. */
  readonly when?: string;
}

/**
 * Asks main and keeps the answer fresh. A new payload drops the old value, so that one bot's chart never
 * shows under another's name; answers that arrive out of order are ignored.
 */
export function useRequest<C extends Channel>(
  channel: C,
  payload: Request<C>,
  { everyMs, when }: RefreshOptions = {},
): RequestState<C> {
  const key = `${channel} ${JSON.stringify(payload) ?? ""}`;
  const latest = useRef(payload);
  latest.current = payload;
  const turn = useRef(0);
  const [state, setState] = useState<{
    readonly key: string;
    readonly value: Responses[C] | null;
    readonly failure: Failure | null;
  }>({ key: "", value: null, failure: null });

  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    void ask(channel, latest.current).then((answer) => {
      if (mine !== turn.current) return;
      setState((old) =>
        answer.ok
          ? { key, value: answer.value, failure: null }
          : { key, value: old.key === key ? old.value : null, failure: answer.error },
      );
    });
  }, [channel, key]);

  useEffect(() => {
    reload();
    return () => {
      turn.current += 1;
    };
  }, [reload, when]);

  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  const current = state.key === key;
  return {
    value: current ? state.value : null,
    failure: current ? state.failure : null,
    loading: !current,
    reload,
  };
}

/** Calls back on an event, at most once in `everyMs`; the last event of a burst is never lost. */
export function useEventThrottled<E extends EventChannel>(
  channel: E,
  everyMs: number,
  matches: (payload: Events[E]) => boolean,
  callback: () => void,
): void {
  const handlers = useRef({ matches, callback });
  handlers.current = { matches, callback };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen(channel, (payload) => {
      if (timer !== undefined || !handlers.current.matches(payload)) return;
      timer = setTimeout(() => {
        timer = undefined;
        handlers.current.callback();
      }, everyMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [channel, everyMs]);
}
