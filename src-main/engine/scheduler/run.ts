import type { Fire } from "./types.ts";

/** One fire time at work. Its abort controller is made only when asked for: most runs never look at it. */
export class RunningFire implements Fire {
  readonly jobId: string;
  readonly fireTime: number;
  readonly startedAt: number;
  readonly latenessMs: number;
  readonly realLatenessMs: number;
  /** Real ms at the start, on the clock's monotonic time. */
  readonly began: number;
  #controller: AbortController | null = null;

  constructor(
    jobId: string,
    fireTime: number,
    startedAt: number,
    realLatenessMs: number,
    began: number,
  ) {
    this.jobId = jobId;
    this.fireTime = fireTime;
    this.startedAt = startedAt;
    // A wall that was set back must not make a run look early.
    this.latenessMs = Math.max(0, startedAt - fireTime);
    this.realLatenessMs = realLatenessMs;
    this.began = began;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}
