import * as z from "zod";
import type { MetricId } from "./metrics.ts";
import { METRIC_SOURCES } from "./metrics.ts";
import { timeframeSchema } from "./time.ts";

const symbolSchema = z
  .string()
  .regex(/^[A-Z0-9]+\/[A-Z0-9]+(:[A-Z0-9]+)?$/, "Give the symbol as BTC/USDT.");

/** What a file holds: candles of one symbol and timeframe, or one metric; its symbol is null for one of the whole market. */
const fileSeriesSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("candles"),
    symbol: symbolSchema,
    timeframe: timeframeSchema,
  }),
  z.strictObject({
    kind: z.literal("metric"),
    name: z.enum(Object.keys(METRIC_SOURCES) as [MetricId, ...MetricId[]]),
    symbol: symbolSchema.nullable(),
  }),
]);
export type FileSeries = z.infer<typeof fileSeriesSchema>;

/** What a file came to before anything of it is stored. */
export interface FilePreview {
  /** Lines of data. */
  readonly lines: number;
  /** How the file is written, in words: separator, header, times. */
  readonly format: string;
  /** Open times of the first and the last candle, or the times from which a metric's values are known; null without any, ms UTC. */
  readonly first: number | null;
  readonly last: number | null;
  /** Not stored yet, stored with other figures (they will be replaced), stored the same. */
  readonly fresh: number;
  readonly changed: number;
  readonly same: number;
  /** Candles that are missing between the first and the last. */
  readonly missing: number;
  readonly refusedCount: number;
  /** The first thousand of them, by line. */
  readonly refused: readonly { readonly line: number; readonly reason: string }[];
}

export type FileJobState =
  | "reading"
  | "ready"
  | "storing"
  | "writing"
  | "done"
  | "failed"
  | "cancelled";

/** One file on its way in or out. */
export interface FileJobView {
  readonly kind: "import" | "export";
  readonly series: FileSeries;
  /** Its name without the folder. */
  readonly file: string;
  /** `ready`: read, and waiting for the word to store it. */
  readonly state: FileJobState;
  /** What came of it, or why it failed; one sentence, empty before. */
  readonly reason: string;
  /** 0..1 of the step it is at. */
  readonly progress: number;
  /** Of an import, once it is read. */
  readonly preview: FilePreview | null;
}

export const fileRequests = {
  /** The last file; null before the first and after "files:dismiss". */
  "files:job": z.void(),
  /** Asks the trader for a file and reads it; stores nothing. */
  "files:import": z.strictObject({ series: fileSeriesSchema }),
  /** Stores what was read. */
  "files:store": z.void(),
  /** Asks the trader for a place and writes what is stored there. */
  "files:export": z.strictObject({ series: fileSeriesSchema }),
  /** Ends reading and writing; leaves what was read unstored. */
  "files:cancel": z.void(),
  "files:dismiss": z.void(),
} as const;

/** Null where the trader chose no file. */
type Started = FileJobView | null;
export interface FileResponses {
  "files:job": FileJobView | null;
  "files:import": Started;
  "files:store": null;
  "files:export": Started;
  "files:cancel": null;
  "files:dismiss": null;
}
