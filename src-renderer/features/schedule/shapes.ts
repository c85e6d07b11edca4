import type { MarkClass } from "./lanes.ts";

interface Shape {
  /** SVG path around (0, 0) in a box of about 9 px; each kind has its own, so that colour is never the only sign. */
  readonly d: string;
  /** Drawn as a line and not filled. */
  readonly open: boolean;
  /** Colour token. */
  readonly colour: string;
  readonly word: string;
}

const CIRCLE = "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0z";

export const SHAPES: Readonly<Record<MarkClass, Shape>> = {
  on_time: { d: CIRCLE, open: false, colour: "--ok", word: "ran on time" },
  late: { d: "M-3.2-4.5L4.5 0L-3.2 4.5z", open: false, colour: "--warn", word: "ran late" },
  error: { d: "M-4-4L4 4M4-4L-4 4", open: true, colour: "--bad", word: "error" },
  missed: { d: "M-4.8-3.8L4.8-3.8L0 4.6z", open: false, colour: "--bad", word: "missed" },
  coalesced: { d: "M0-5L5 0L0 5L-5 0z", open: false, colour: "--series-2", word: "coalesced" },
  skipped: { d: "M-3.6-3.6h7.2v7.2h-7.2z", open: true, colour: "--warn", word: "skipped" },
  cancelled: { d: "M-4.5 0h9", open: true, colour: "--stopped", word: "cancelled" },
  coming: { d: CIRCLE, open: true, colour: "--dim", word: "coming" },
};
