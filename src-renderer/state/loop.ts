import { create } from "zustand";

/** Statuses come twice a second: ten minutes. */
const KEPT = 1200;

interface LoopPoint {
  /** Wall time, ms UTC. */
  readonly time: number;
  /** Event-loop delay of the main process, 99th percentile, ms. */
  readonly p99: number;
}

interface LoopState {
  /** Oldest first. */
  readonly points: readonly LoopPoint[];
}

export const useLoop = create<LoopState>(() => ({ points: [] }));

/** Keeps what a status tells, so that the page has a past to draw when it is opened; each status once. */
export function addLoopPoint(point: LoopPoint): void {
  useLoop.setState(({ points }) => {
    const last = points.at(-1);
    if (last && point.time <= last.time) return { points };
    return { points: [...points.slice(1 - KEPT), point] };
  });
}
