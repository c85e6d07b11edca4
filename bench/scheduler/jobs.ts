/** One job of the bench: a fire time at every whole multiple of its interval since the epoch. */
export interface BenchJob {
  readonly id: string;
  readonly everyMs: number;
}

/** What one child process measured; ms, and percent of one core. */
export interface Measured {
  readonly lateness_p50_ms: number;
  readonly lateness_p99_ms: number;
  readonly lateness_max_ms: number;
  readonly cpu_pct: number;
  readonly fires: number;
}

export interface Kept {
  readonly add_ms: number;
  readonly remove_ms: number;
}

/** Divisors of a minute from 1 to 10 s, so that cron expressions of seconds have the very same fire times. */
const SECONDS = [1, 2, 3, 4, 5, 6, 10] as const;
const HOUR_MS = 3_600_000;

/** `count` jobs of mixed intervals; all grids meet, so that the worst instant has thousands due at once. */
export const mixedJobs = (count: number): readonly BenchJob[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `job-${i}`,
    everyMs: (SECONDS[i % SECONDS.length] ?? 1) * 1000,
  }));

/** Jobs that do not fire while they are added and removed. */
export const hourlyJobs = (count: number): readonly BenchJob[] =>
  Array.from({ length: count }, (_, i) => ({ id: `job-${i}`, everyMs: HOUR_MS }));

/** The same times as a cron expression with seconds. */
export function cronOf({ everyMs }: BenchJob): string {
  if (everyMs === HOUR_MS) return "0 0 * * * *";
  return everyMs === 1000 ? "* * * * * *" : `*/${everyMs / 1000} * * * * *`;
}
