import { resolve } from "node:path";
import { KILL_LEVELS } from "../../src-preload/contract/risk-limits.ts";
import type { KillLevel } from "../../src-preload/contract/risk-limits.ts";

/** What the command line asks for. */
export interface Flags {
  /** Absolute; null for the usual folder of this user. */
  readonly dataDir: string | null;
  readonly demo: boolean;
  /** Time-lapse speed; null for the stored one. */
  readonly speed: number | null;
  /** Absolute path of the PNG to write. */
  readonly screenshot: string | null;
  /** Real seconds after which the app drains and quits. */
  readonly quitAfter: number | null;
  readonly hidden: boolean;
  /** Page to open, e.g. "/logs". */
  readonly route: string | null;
  readonly windowSize: { readonly width: number; readonly height: number } | null;
  readonly theme: "dark" | "light" | null;
  /** Throws the kill switch of the data folder, in the Tickdeck that runs on it or by itself. */
  readonly kill: KillLevel | null;
  readonly help: boolean;
}

export const MIN_WIDTH = 1024;
export const MIN_HEIGHT = 700;

export const HELP = `Tickdeck: scheduled trading bots.

  --demo                the demonstration: synthetic market, paper money, time-lapse
  --data-dir DIR        keep everything in DIR
  --speed N             time-lapse speed, 1 to 1000000
  --hidden              start in the tray
  --route PAGE          open a page: /, /schedule, /positions, /risk, /logs, /settings
  --theme dark|light    colours of this run
  --window-size WxH     e.g. 1280x800, at least ${MIN_WIDTH}x${MIN_HEIGHT}
  --screenshot FILE     write a PNG once the bots have ticked
  --quit-after SECONDS  drain and quit by itself
  --kill entries|cancel|close
                        throw the kill switch, in the Tickdeck that runs on the folder or by itself: no
                        new entries; open orders cancelled too; all positions closed too
`;

type Draft = { -readonly [K in keyof Flags]: Flags[K] };

function numberIn(flag: string, text: string, min: number, max: number, example: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(
    `${flag} needs a number from ${min} to ${max}, but is "${text}"; write e.g. ${flag} ${example}.`,
  );
}

type Setter = (draft: Draft, value: string, cwd: string) => void;

const SWITCHES: Readonly<Record<string, "demo" | "hidden" | "help">> = {
  "--demo": "demo",
  "--hidden": "hidden",
  "--help": "help",
};

const VALUES: Readonly<Record<string, Setter>> = {
  "--data-dir": (draft, value, cwd) => {
    draft.dataDir = resolve(cwd, value);
  },
  "--speed": (draft, value) => {
    draft.speed = numberIn("--speed", value, 1, 1_000_000, "900");
  },
  "--screenshot": (draft, value, cwd) => {
    if (!value.toLowerCase().endsWith(".png")) {
      throw new Error(
        `--screenshot writes a PNG, but the file is "${value}"; let its name end in .png.`,
      );
    }
    draft.screenshot = resolve(cwd, value);
  },
  "--quit-after": (draft, value) => {
    draft.quitAfter = numberIn("--quit-after", value, 0, 86_400, "20");
  },
  "--route": (draft, value) => {
    if (!/^\/[A-Za-z0-9/_-]*$/.test(value)) {
      throw new Error(`--route needs a page such as /logs, but is "${value}".`);
    }
    draft.route = value;
  },
  "--window-size": (draft, value) => {
    const [, width, height] = /^(\d{3,5})x(\d{3,5})$/.exec(value) ?? [];
    const size = { width: Number(width), height: Number(height) };
    if (!(size.width >= MIN_WIDTH && size.height >= MIN_HEIGHT)) {
      throw new Error(
        `--window-size needs WIDTHxHEIGHT of at least ${MIN_WIDTH}x${MIN_HEIGHT}, but is "${value}"; write e.g. --window-size 1280x800.`,
      );
    }
    draft.windowSize = size;
  },
  "--kill": (draft, value) => {
    const level = KILL_LEVELS.find((known) => known === value);
    if (level === undefined) {
      throw new Error(`--kill is entries, cancel or close, but is "${value}".`);
    }
    draft.kill = level;
  },
  "--theme": (draft, value) => {
    if (value !== "dark" && value !== "light") {
      throw new Error(`--theme is dark or light, but is "${value}".`);
    }
    draft.theme = value;
  },
};

// Switches of Chromium that a user may need to get a window at all; the runtime reads them itself.
const CHROMIUM =
  /^--(no-sandbox|disable-[a-z-]+|enable-[a-z-]+|ozone-platform[a-z-]*|force-device-scale-factor|lang|use-[a-z-]+|password-store|remote-debugging-port|inspect[a-z-]*)(=.*)?$/;

/**
 * Reads our own arguments.
 *
 * @param args what comes after the executable and the app folder
 * @param cwd what relative paths are relative to
 * @throws Error with one sentence
 */
export function parseFlags(args: readonly string[], cwd: string): Flags {
  const draft: Draft = {
    dataDir: null,
    demo: false,
    speed: null,
    screenshot: null,
    quitAfter: null,
    hidden: false,
    route: null,
    windowSize: null,
    theme: null,
    kill: null,
    help: false,
  };
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? "";
    const equals = arg.indexOf("=");
    const name = equals === -1 ? arg : arg.slice(0, equals);
    const flag = SWITCHES[name];
    const setter = VALUES[name];
    if (flag !== undefined) {
      if (equals !== -1) throw new Error(`${name} takes no value; write ${name} alone.`);
      draft[flag] = true;
    } else if (setter !== undefined) {
      let value = arg.slice(equals + 1);
      if (equals === -1) {
        i += 1;
        value = args[i] ?? "";
      }
      if (value === "" || (equals === -1 && value.startsWith("--"))) {
        throw new Error(`${name} needs a value; --help lists them.`);
      }
      setter(draft, value, cwd);
    } else if (!CHROMIUM.test(arg)) {
      throw new Error(`"${arg}" is not a flag of Tickdeck; --help lists them.`);
    }
  }
  if (draft.hidden && draft.screenshot !== null) {
    throw new Error("--screenshot needs the window; leave --hidden out.");
  }
  if (draft.kill !== null && draft.screenshot !== null) {
    throw new Error("--kill quits when its work is done; leave --screenshot out.");
  }
  return draft;
}

/**
 * Our arguments among those of the process: after the executable, and after the app folder where a development
 * runtime was given one (the runtime's own switches stand before it).
 */
export function ownArguments(argv: readonly string[], appFolderGiven: boolean): readonly string[] {
  const rest = argv.slice(1);
  if (!appFolderGiven) return rest;
  return rest.slice(rest.findIndex((arg) => !arg.startsWith("-")) + 1);
}
