/** Figures by key; milliseconds, MB and counts as the key's ending says; null where a figure is not to be had. */
export interface Figures {
  readonly [key: string]: number | string | null | Figures;
}

export interface BenchOptions {
  /** Seconds that one measurement takes; each bench has its own default, and only some take any. */
  readonly seconds?: number;
  /** Whether other libraries are installed and measured too; only `backtest` has such. */
  readonly peers?: boolean;
}
