import { useSyncExternalStore } from "react";
import type { ClockView } from "../../src-preload/contract/app.ts";
import { formatCountdown } from "../format/time.ts";
import { useStatus } from "./status.ts";

/** Longest wall time that the clock is carried on without a new status, ms. Main sends two a second. */
const CARRY_LIMIT_MS = 2000;

/**
 * Engine time at a wall instant, both ms UTC. Carried on from the last status at the clock's speed; held
 * after CARRY_LIMIT_MS, so that a stalled engine is seen to stall.
 */
export function engineTimeAt(clock: ClockView, wallNow: number): number {
  if (clock.mode === "virtual") return clock.engineTime;
  const elapsed = Math.min(Math.max(wallNow - clock.wallTime, 0), CARRY_LIMIT_MS);
  return clock.engineTime + elapsed * clock.speed;
}

/** Engine time now, ms UTC; null before the first status. */
export function engineNow(): number | null {
  const clock = useStatus.getState().status?.clock;
  return clock ? engineTimeAt(clock, Date.now()) : null;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** One timer for all countdowns: each second on the wall's clock, four times a second in time-lapse. */
function schedule(): void {
  const speed = useStatus.getState().status?.clock.speed ?? 1;
  const wait = speed > 1 ? 250 : 1000 - (Date.now() % 1000);
  timer = setTimeout(() => {
    if (!document.hidden) for (const listener of listeners) listener();
    schedule();
  }, wait);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) schedule();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}

/** A text made from the engine's time; the component renders only when the text itself changes. */
export function useEngineText(text: (engineTime: number | null) => string): string {
  return useSyncExternalStore(subscribe, () => text(engineNow()));
}

/** Time left until an engine instant (ms UTC), as text that counts down. */
export function useCountdown(fireTime: number | null): string {
  return useEngineText((now) =>
    formatCountdown(fireTime === null || now === null ? null : fireTime - now),
  );
}
