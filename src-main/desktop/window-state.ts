import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What the desktop remembers of its window. x and y are absent until it was moved. */
export interface WindowState {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly maximised: boolean;
  /** Background before the settings are read. */
  readonly dark: boolean;
  /** The trader was told once that closing leaves the bots running. */
  readonly closeNoticeShown: boolean;
}

const FIRST: WindowState = {
  width: 1440,
  height: 900,
  maximised: false,
  dark: true,
  closeNoticeShown: false,
};

const whole = (value: unknown, min: number, max: number): number | undefined =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max
    ? Number(value)
    : undefined;

const flag = (value: unknown, otherwise: boolean): boolean =>
  typeof value === "boolean" ? value : otherwise;

/** The remembered state; whatever is missing or cannot be read is as on the first start, not worth an error. */
export function loadWindowState(file: string): WindowState {
  // Read by hand: this is on the way to the first paint, before any library is loaded.
  let stored: Readonly<Record<string, unknown>>;
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value !== "object" || value === null) return FIRST;
    stored = { ...value };
  } catch {
    return FIRST;
  }
  const x = whole(stored["x"], -100_000, 100_000);
  const y = whole(stored["y"], -100_000, 100_000);
  return {
    width: whole(stored["width"], 200, 20_000) ?? FIRST.width,
    height: whole(stored["height"], 200, 20_000) ?? FIRST.height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    maximised: flag(stored["maximised"], FIRST.maximised),
    dark: flag(stored["dark"], FIRST.dark),
    closeNoticeShown: flag(stored["closeNoticeShown"], FIRST.closeNoticeShown),
  };
}

/** Throws what the file system throws. */
export function saveWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The state without its place when no screen shows a good part of the title bar there any more. */
export function onScreen(state: WindowState, screens: readonly Area[]): WindowState {
  const { x, y, ...unplaced } = state;
  if (x === undefined || y === undefined) return unplaced;
  const grip = { left: x + 40, right: x + state.width - 40, top: y, bottom: y + 30 };
  const seen = screens.some(
    (s) =>
      grip.left < s.x + s.width &&
      grip.right > s.x &&
      grip.top >= s.y &&
      grip.bottom < s.y + s.height,
  );
  return seen ? state : unplaced;
}
