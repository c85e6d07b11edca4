import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import type { BenchOptions, Figures } from "./figures.ts";
import { CONTENDERS } from "./scheduler/contenders.ts";
import type { Kept, Measured } from "./scheduler/jobs.ts";

const run = promisify(execFile);
const PYTHON = "/usr/bin/python3";
const OURS = "tickdeck";
const APSCHEDULER = "apscheduler";
const SIZES = [45, 1000, 10_000] as const;
const KEPT = 10_000;
/** Measured seconds of each contender at each size: all of them take about two and a half minutes. */
const SECONDS = 8;

const measuredSchema = z.object({
  lateness_p50_ms: z.number(),
  lateness_p99_ms: z.number(),
  lateness_max_ms: z.number(),
  cpu_pct: z.number(),
  fires: z.number(),
}) satisfies z.ZodType<Measured>;
const keptSchema = z.object({
  add_ms: z.number(),
  remove_ms: z.number(),
}) satisfies z.ZodType<Kept>;

const round = (value: number): number => Math.round(value * 100) / 100;

/** Runs a contender in a process of its own and reads the JSON it prints. */
async function child<T>(name: string, args: readonly string[], schema: z.ZodType<T>): Promise<T> {
  const folder = join(import.meta.dirname, "scheduler");
  const [program, ...first] =
    name === APSCHEDULER
      ? [PYTHON, join(folder, "apscheduler_child.py")]
      : [process.execPath, join(folder, "child.ts"), name];
  const { stdout } = await run(program, [...first, ...args]);
  return schema.parse(JSON.parse(stdout));
}

async function hasApscheduler(): Promise<boolean> {
  try {
    await run(PYTHON, ["-c", "import apscheduler.schedulers.asyncio"]);
    return true;
  } catch {
    console.error(
      "APScheduler is not installed, so its figures are null; install it with: sudo apt-get install python3-apscheduler",
    );
    return false;
  }
}

/** All figures of one contender; null for each where it is not there. */
async function figuresOf(
  name: string,
  seconds: number,
  present: boolean,
): Promise<Record<string, number | null>> {
  const figures: Record<string, number | null> = {};
  for (const size of SIZES) {
    const measured = present
      ? await child(name, ["lateness", String(size), String(seconds)], measuredSchema)
      : null;
    const put = (key: string, value: number | undefined): void => {
      figures[`${key}_${size}`] = value === undefined ? null : round(value);
    };
    put("lateness_p50_ms", measured?.lateness_p50_ms);
    put("lateness_p99_ms", measured?.lateness_p99_ms);
    put("lateness_max_ms", measured?.lateness_max_ms);
    put("cpu_pct", measured?.cpu_pct);
    put("fires", measured?.fires);
  }
  const kept = present ? await child(name, ["keep", String(KEPT)], keptSchema) : null;
  figures["add_10000_ms"] = kept === null ? null : round(kept.add_ms);
  figures["remove_10000_ms"] = kept === null ? null : round(kept.remove_ms);
  figures["add_remove_10000_ms"] = kept === null ? null : round(kept.add_ms + kept.remove_ms);
  return figures;
}

/** Real time: each contender alone on the machine, in turn, with the same jobs. */
export async function measure({ seconds = SECONDS }: BenchOptions): Promise<Figures> {
  const apscheduler = await hasApscheduler();
  const peers: Record<string, Record<string, number | null>> = {};
  for (const name of [...Object.keys(CONTENDERS), APSCHEDULER]) {
    console.error(`${name}: ${SIZES.join(", ")} jobs, ${seconds} s each …`);
    peers[name] = await figuresOf(name, seconds, name !== APSCHEDULER || apscheduler);
  }
  const { [OURS]: ours, ...others } = peers;
  return { ...ours, seconds, peers: others };
}
