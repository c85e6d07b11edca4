import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 20;
const WINDOW_MS = 10_000;

/** How long the main process's event loop kept others waiting, over the last 10 to 20 s. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #previous = 0;
  #startedAt = performance.now();

  constructor() {
    this.#histogram.enable();
  }

  /** 99th percentile, ms. */
  p99(): number {
    const now = this.#read();
    const worst = Math.max(now, this.#previous);
    if (performance.now() - this.#startedAt > WINDOW_MS) {
      this.#previous = now;
      this.#startedAt = performance.now();
      this.#histogram.reset();
    }
    return worst;
  }

  stop(): void {
    this.#histogram.disable();
  }

  // The histogram holds whole distances between two looks; what is beyond the planned one is delay.
  #read(): number {
    const ms = this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS;
    return Number.isFinite(ms) ? Math.max(0, ms) : 0;
  }
}
