import type { EngineEvent } from "../../../src-preload/contract/schedule.ts";
import { cssColour } from "../../charts/paint.ts";
import { timeTicks } from "../../charts/scale.ts";
import { formatAxisTime } from "../../format/time.ts";
import type { Zone } from "../../format/time.ts";
import { bandLabel } from "./lanes.ts";
import type { Mark } from "./lanes.ts";
import { SHAPES } from "./shapes.ts";

/** Height of the strip above the lanes: names of bands, then times. */
export const HEAD_HEIGHT = 38;
const BAND_TEXT_Y = 11;
const AXIS_TEXT_Y = 28;
/** A band is at least so wide, px: a stall of a second must be seen in a day. */
const LEAST_BAND = 2;

const paths = new Map<string, Path2D>();
const pathOf = (d: string): Path2D => {
  let path = paths.get(d);
  if (!path) {
    path = new Path2D(d);
    paths.set(d, path);
  }
  return path;
};

/** A ring around a mark, px. */
function ring(c: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  c.beginPath();
  c.arc(x, y, radius, 0, Math.PI * 2);
  c.stroke();
}

/** One row in view; `marks` is null for a group's header. */
export interface DrawnRow {
  readonly top: number;
  readonly marks: readonly Mark[] | null;
  /** What happened to the bot's health, on its lane. */
  readonly events: readonly EngineEvent[];
  /** The pointer is on this lane. */
  readonly selected: boolean;
  /** First fire time of the mark under the pointer. */
  readonly hovered: number | null;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly zone: Zone;
  readonly rows: readonly DrawnRow[];
  /** Sleeps, clock steps and stalls. */
  readonly bands: readonly EngineEvent[];
}

const BAND_COLOUR: Readonly<Partial<Record<EngineEvent["kind"], string>>> = {
  sleep: "--series-2",
  step: "--accent",
  stall: "--warn",
};

type Palette = (token: string) => string;

/** Colours read once a drawing: asking the document for each mark would cost more than the marks. */
function palette(): Palette {
  const known = new Map<string, string>();
  return (token) => {
    let value = known.get(token);
    if (value === undefined) {
      value = cssColour(token);
      known.set(token, value);
    }
    return value;
  };
}

function drawBands(
  c: CanvasRenderingContext2D,
  scene: Scene,
  colour: Palette,
  x: (t: number) => number,
): void {
  let textEnd = 0;
  for (const band of scene.bands.toSorted((a, b) => a.from - b.from)) {
    const left = x(band.from);
    const right = Math.max(x(band.to), left + LEAST_BAND);
    if (right < 0 || left > scene.width) continue;
    const tone = colour(BAND_COLOUR[band.kind] ?? "--dim");
    c.fillStyle = tone;
    c.globalAlpha = 0.14;
    c.fillRect(left, 0, right - left, scene.height);
    c.globalAlpha = 1;
    c.fillRect(left, 0, 1, scene.height);
    const text = bandLabel(band);
    const at = Math.max(left + 4, 4);
    if (at < textEnd) continue;
    c.fillText(text, at, BAND_TEXT_Y);
    textEnd = at + c.measureText(text).width + 8;
  }
}

function drawMark(
  c: CanvasRenderingContext2D,
  mark: Mark,
  y: number,
  colour: Palette,
  x: (t: number) => number,
): void {
  const shape = SHAPES[mark.kind];
  const tone = colour(shape.colour);
  c.fillStyle = tone;
  c.strokeStyle = tone;
  const at = x(mark.time);
  const first = x(mark.fireTime);
  if (at - first > 1) {
    // The tail begins where the tick was due.
    c.fillRect(first, y - 1, at - first, 2);
    c.fillRect(first, y - 4, 1, 8);
  }
  c.translate(at, y);
  if (shape.open) {
    c.lineWidth = mark.kind === "coming" ? 1.25 : 1.75;
    c.stroke(pathOf(shape.d));
  } else {
    c.fill(pathOf(shape.d));
  }
  c.translate(-at, -y);
}

/** Paints the head and the lanes in view. Sizes in CSS px; the context is already scaled to the screen. */
export function drawScene(c: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, rowHeight, from, to, now, zone } = scene;
  const colour = palette();
  const scale = width / (to - from);
  const x = (time: number): number => (time - from) * scale;
  c.clearRect(0, 0, width, height);
  c.font = '11px "Inter Variable", sans-serif';
  c.textBaseline = "middle";
  const ticks = timeTicks(from, to, Math.max(3, Math.floor(width / 90)));

  c.save();
  c.beginPath();
  c.rect(0, HEAD_HEIGHT, width, height - HEAD_HEIGHT);
  c.clip();
  c.fillStyle = colour("--border");
  c.globalAlpha = 0.6;
  for (const tick of ticks) c.fillRect(Math.round(x(tick)), HEAD_HEIGHT, 1, height);
  c.globalAlpha = 1;
  for (const row of scene.rows) {
    if (row.marks === null) {
      c.fillStyle = colour("--raised");
      c.fillRect(0, row.top, width, rowHeight);
      continue;
    }
    if (row.selected) {
      c.fillStyle = colour("--hover");
      c.fillRect(0, row.top, width, rowHeight);
    }
    c.fillStyle = colour("--border");
    c.globalAlpha = 0.5;
    c.fillRect(0, row.top + rowHeight - 1, width, 1);
    c.globalAlpha = 1;
  }
  c.restore();

  drawBands(c, scene, colour, x);

  c.save();
  c.beginPath();
  c.rect(0, HEAD_HEIGHT, width, height - HEAD_HEIGHT);
  c.clip();
  for (const row of scene.rows) {
    const y = row.top + rowHeight / 2;
    for (const mark of row.marks ?? []) {
      drawMark(c, mark, y, colour, x);
      if (mark.fireTime === row.hovered) {
        c.strokeStyle = colour("--text");
        c.lineWidth = 1.25;
        ring(c, x(mark.time), y, 7.5);
      }
    }
    c.strokeStyle = colour("--warn");
    c.lineWidth = 1.25;
    for (const event of row.events) ring(c, x(event.to), y, 7);
  }
  c.restore();

  c.fillStyle = colour("--dim");
  for (const tick of ticks) {
    const text = formatAxisTime(tick, to - from, zone);
    const half = c.measureText(text).width / 2;
    const at = x(tick);
    if (at - half > 0 && at + half < width) c.fillText(text, at - half, AXIS_TEXT_Y);
  }
  c.fillStyle = colour("--border");
  c.fillRect(0, HEAD_HEIGHT - 1, width, 1);
  if (now >= from && now <= to) {
    c.fillStyle = colour("--accent");
    c.fillRect(Math.round(x(now)) - 0.5, HEAD_HEIGHT - 8, 1.5, height);
    c.beginPath();
    c.arc(x(now), HEAD_HEIGHT - 8, 3, 0, Math.PI * 2);
    c.fill();
  }
}
