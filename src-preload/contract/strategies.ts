import * as z from "zod";

/** One of the user's own strategy files, as the window shows it. */
export interface UserStrategyView {
  /** What bots call it: "user:my-breakout". */
  readonly id: string;
  /** Path relative to the folder. */
  readonly file: string;
  /** Null until it was read once. */
  readonly title: string | null;
  readonly state: "loading" | "ready" | "broken";
  /** What is wrong with it, and where (from 1); null unless broken. */
  readonly trouble: {
    readonly message: string;
    readonly file: string | null;
    readonly line: number | null;
    readonly column: number | null;
  } | null;
  /** Why its last call lost its process, or what it was refused for; null when its last call went well. */
  readonly lastFault: string | null;
}

export interface UserStrategiesView {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly files: readonly UserStrategyView[];
  /** How often their process had to be ended since Tickdeck started. */
  readonly stops: number;
}

export const strategyRequests = {
  "strategies:list": z.void(),
  /** Reads every file anew. */
  "strategies:reload": z.void(),
  /** Shows the folder in the system's file manager. */
  "strategies:open-folder": z.void(),
  /** Writes a commented starting point and its test into the folder. */
  "strategies:new": z.strictObject({ name: z.string().max(60) }),
} as const;

export interface StrategyResponses {
  "strategies:list": UserStrategiesView;
  "strategies:reload": UserStrategiesView;
  "strategies:open-folder": null;
  /** Name of the file that was written. */
  "strategies:new": { readonly file: string };
}

export interface StrategyEvents {
  /** A file came, went, or is better or worse than before. */
  "strategies:changed": UserStrategiesView;
}
