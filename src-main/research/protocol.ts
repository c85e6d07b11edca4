import type {
  BacktestReport,
  BacktestRequest,
  SweepPoint,
} from "../../src-preload/contract/research.ts";
import type { CandleColumns } from "../engine/market/types.ts";
import type { History } from "./history.ts";

/** Candles as one block, so that a process boundary costs one copy: time | open | high | low | close | volume. */
interface PackedColumns {
  readonly length: number;
  readonly block: Float64Array;
}
export interface PackedHistory extends Omit<History, "candles" | "references" | "fine"> {
  readonly candles: PackedColumns;
  readonly references: ReadonlyMap<string, PackedColumns>;
  readonly fine: PackedColumns | null;
}

const NAMES = ["time", "open", "high", "low", "close", "volume"] as const;

function pack(columns: CandleColumns): PackedColumns {
  const { length } = columns;
  const block = new Float64Array(NAMES.length * length);
  NAMES.forEach((name, at) => {
    block.set(columns[name].subarray(0, length), at * length);
  });
  return { length, block };
}

function unpack({ length, block }: PackedColumns): CandleColumns {
  const part = (at: number): Float64Array => block.subarray(at * length, (at + 1) * length);
  return {
    length,
    time: part(0),
    open: part(1),
    high: part(2),
    low: part(3),
    close: part(4),
    volume: part(5),
  };
}

/** History as it is posted to a research process. */
export const packHistory = (history: History): PackedHistory => ({
  ...history,
  candles: pack(history.candles),
  references: new Map([...history.references].map(([name, columns]) => [name, pack(columns)])),
  fine: history.fine === null ? null : pack(history.fine),
});

export const unpackHistory = (packed: PackedHistory): History => ({
  ...packed,
  candles: unpack(packed.candles),
  references: new Map([...packed.references].map(([name, columns]) => [name, unpack(columns)])),
  fine: packed.fine === null ? null : unpack(packed.fine),
});

/** What a research process is told. A history is sent once and named by `key` from then on. */
export type ToProcess =
  | { readonly kind: "history"; readonly key: number; readonly history: PackedHistory }
  | { readonly kind: "forget"; readonly key: number }
  | {
      readonly kind: "backtest";
      readonly job: number;
      readonly key: number;
      readonly request: BacktestRequest;
    }
  | {
      readonly kind: "sweep";
      readonly job: number;
      readonly key: number;
      readonly request: BacktestRequest;
      /** Each in place of the request's own. */
      readonly params: readonly Readonly<Record<string, unknown>>[];
    };

/** What it answers. */
export type FromProcess =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly job: number; readonly share: number }
  | { readonly kind: "report"; readonly job: number; readonly report: BacktestReport }
  | { readonly kind: "points"; readonly job: number; readonly points: readonly SweepPoint[] }
  | {
      readonly kind: "failed";
      readonly job: number;
      readonly message: string;
      /** Set for an expected refusal: the field at fault, "" when none. */
      readonly field: string | null;
    };
