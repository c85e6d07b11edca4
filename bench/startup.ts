import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ensureElectron } from "../scripts/lib/electron-runtime.mjs";
import { openWorkspace } from "../src-main/workspace.ts";
import type { Figures } from "./figures.ts";

const root = resolve(import.meta.dirname, "..");
const RUNS = 5;
/** Real time that the 45 bots run before memory is read, ms. */
const MEMORY_AFTER_MS = 60_000;

/** A data folder with 45 bots marked running on the synthetic market, in real time. */
async function prepare(dataDir: string): Promise<void> {
  const first = await openWorkspace({ dataDir, demo: false, log: { write: () => {} } });
  await first.start();
  await first.saveSettings({
    ...first.settings(),
    marketSource: { kind: "synthetic", seed: 1 },
    clock: { mode: "system" },
  });
  first.engine.bots.createPreset(true);
  await first.stop();
}

interface Started {
  readonly child: ChildProcess;
  readonly firstPaintMs: number;
}

/** Starts the built app; resolves when the fleet is painted, with the ms from the start of the process. */
async function start(dataDir: string): Promise<Started> {
  const runtime = await ensureElectron();
  const from = performance.now();
  const child = spawn(runtime.executable, [...runtime.args, root, "--data-dir", dataDir], {
    env: { ...process.env, TICKDECK_TRACE_STARTUP: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const painted = new Promise<number>((done, fail) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("first_paint_ms")) done(performance.now() - from);
    });
    child.once("exit", () => {
      fail(new Error("The app ended before its fleet was painted."));
    });
  });
  return { child, firstPaintMs: await painted };
}

async function quit(child: ChildProcess): Promise<void> {
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await gone;
}

/** Sum of the proportional set sizes of a process and all below it, MB. */
function pssMb(pid: number): number {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // The process ended while we were looking.
    }
  }
  const inTree = (id: number | undefined): boolean =>
    id !== undefined && (id === pid || inTree(parents.get(id)));
  let kb = 0;
  for (const id of parents.keys()) {
    if (!inTree(id)) continue;
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    kb += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  }
  return kb / 1024;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export async function measure(): Promise<Figures> {
  if (process.platform !== "linux")
    throw new Error("The startup bench reads /proc: run it on Linux.");
  const dataDir = mkdtempSync(join(tmpdir(), "tickdeck-bench-"));
  try {
    await prepare(dataDir);
    // The first start fills the disk cache and Chromium's own; the wanted figure is a warm start.
    await quit((await start(dataDir)).child);
    const paints: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { child, firstPaintMs } = await start(dataDir);
      paints.push(firstPaintMs);
      await quit(child);
    }
    const { child } = await start(dataDir);
    await wait(MEMORY_AFTER_MS);
    const pss = pssMb(child.pid ?? 0);
    await quit(child);
    return { first_paint_ms: Math.round(median(paints)), pss_mb_45: Math.round(pss), runs: RUNS };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
