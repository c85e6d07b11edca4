import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

const FAULTS = [
  "errors",
  "latency",
  "outages",
  "sleeps",
  "steps",
  "crashes",
  "stops",
  "users",
] as const;
export type Fault = (typeof FAULTS)[number];

export interface SoakOptions {
  readonly bots: number;
  readonly days: number;
  readonly faults: ReadonlySet<Fault>;
  readonly seed: number;
  /** Folder for the databases; a new folder in it is used and deleted. */
  readonly dir: string;
}

/** Files in memory where the system has such a folder: the engine is on trial here, not the disk. */
function defaultDir(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** A command line that makes no sense, with one sentence for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const HELP = `Runs the whole engine through simulated time with everything going wrong, and audits what is left.

  npm run soak -- [options]

  --bots N      bots of the reference fleet, repeated as needed (45)
  --days N      simulated days (365)
  --faults X    all, none, or a list of ${FAULTS.join(",")} (all)
  --seed N      of the market and of every fault; the same seed is the same run (1)
  --dir DIR     where the database files lie (/dev/shm if there is one, else the system's temporary folder)
  --json        print one JSON object as the last line
  --help        this text

See docs/benchmarks.md.
`;

/** All of them, or those of a comma-separated list. Throws UsageError for one that does not exist. */
function faultsOf(text: string): ReadonlySet<Fault> {
  if (text === "all") return new Set(FAULTS);
  if (text === "none") return new Set();
  return new Set(
    text.split(",").map((name) => {
      const found = FAULTS.find((fault) => fault === name.trim());
      if (found === undefined) {
        throw new UsageError(
          `--faults names "${name}", which is none; use all, none or a list of ${FAULTS.join(",")}.`,
        );
      }
      return found;
    }),
  );
}

function whole(flag: string, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) {
    throw new UsageError(`${flag} is "${text}"; give a whole number from ${low} to ${high}.`);
  }
  return value;
}

/** Reads the command line; null means that help was asked for. Throws UsageError with one sentence. */
export function parseOptions(
  args: readonly string[],
): (SoakOptions & { readonly json: boolean }) | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        bots: text,
        days: text,
        faults: text,
        seed: text,
        dir: text,
        json: flag,
        help: flag,
      },
    }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why.split(". ")[0] ?? why}. Use --help for the options.`);
  }
  if (values.help === true) return null;
  return {
    bots: whole("--bots", values.bots ?? "45", 1, 2000),
    days: whole("--days", values.days ?? "365", 1, 3650),
    faults: faultsOf(values.faults ?? "all"),
    seed: whole("--seed", values.seed ?? "1", 0, Number.MAX_SAFE_INTEGER),
    dir: values.dir ?? defaultDir(),
    json: values.json ?? false,
  };
}
