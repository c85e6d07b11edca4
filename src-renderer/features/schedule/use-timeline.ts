import { useCallback, useEffect, useRef, useState } from "react";
import type { EngineEvent, TimelineLane } from "../../../src-preload/contract/schedule.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { ask } from "../../state/bridge.ts";

const HOUR = 3_600_000;

export interface TimelineData {
  readonly lanes: ReadonlyMap<string, TimelineLane>;
  readonly events: readonly EngineEvent[];
  readonly truncated: boolean;
  readonly failure: Failure | null;
  readonly loaded: boolean;
}

const NOTHING: TimelineData = {
  lanes: new Map(),
  events: [],
  truncated: false,
  failure: null,
  loaded: false,
};

/** How often the lanes are read again, wall ms: what moves slowly on the screen is read seldom. */
const everyMs = (spanMs: number): number =>
  spanMs <= HOUR ? 500 : spanMs <= 6 * HOUR ? 1000 : 2000;

interface Wanted {
  readonly from: number;
  readonly to: number;
  /** Undefined for all bots. */
  readonly botIds: readonly string[] | undefined;
}

/**
 * Reads the lanes again and again, with half a view more at either side, so that panning finds marks there at once. The
 * last answer stays until the next one; one request is under way at a time. `wanted` is asked at each reading.
 */
export function useTimeline(
  spanMs: number,
  wanted: () => Wanted | null,
): readonly [TimelineData, () => void] {
  const [data, setData] = useState<TimelineData>(NOTHING);
  const latest = useRef(wanted);
  latest.current = wanted;
  const busy = useRef(false);
  const again = useRef(false);

  const read = useCallback(() => {
    const want = latest.current();
    if (want === null) return;
    if (busy.current) {
      again.current = true;
      return;
    }
    busy.current = true;
    const margin = (want.to - want.from) / 2;
    void ask("schedule:timeline", {
      from: Math.floor(want.from - margin),
      to: Math.ceil(want.to + margin),
      ...(want.botIds === undefined ? {} : { botIds: [...want.botIds] }),
    }).then((answer) => {
      busy.current = false;
      setData((old) =>
        answer.ok
          ? {
              lanes: new Map(answer.value.lanes.map((lane) => [lane.botId, lane])),
              events: answer.value.events,
              truncated: answer.value.truncated,
              failure: null,
              loaded: true,
            }
          : { ...old, failure: answer.error, loaded: true },
      );
      if (again.current) {
        again.current = false;
        read();
      }
    });
  }, []);

  useEffect(() => {
    read();
    const timer = setInterval(() => {
      if (!document.hidden) read();
    }, everyMs(spanMs));
    return () => clearInterval(timer);
  }, [read, spanMs]);

  return [data, read];
}
