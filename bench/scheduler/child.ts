/** `child.ts NAME lateness JOBS SECONDS` or `child.ts NAME keep JOBS`: measures one contender, prints one line of JSON. */
import { setTimeout as wait } from "node:timers/promises";
import { CONTENDERS } from "./contenders.ts";
import type { Contender } from "./contenders.ts";
import { hourlyJobs, mixedJobs } from "./jobs.ts";
import type { BenchJob, Kept, Measured } from "./jobs.ts";

/** From the first fire time to the begin of measuring at least, seconds: code is compiled and first bursts are over. */
const SETTLE = 1;

/** The machine's time with a fraction of a ms, ms UTC. */
const wall = (): number => performance.timeOrigin + performance.now();

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

/**
 * First whole second from `from` on (s since the epoch) from which a window of so many seconds has the same bursts in
 * every run: one in which five of the seven intervals meet, and not the half minute, in which six or all do.
 */
function fairSecond(from: number, seconds: number): number {
  const has = (begin: number, multiple: number): boolean =>
    Math.ceil(begin / multiple) * multiple < begin + seconds;
  for (let begin = from; begin < from + 60; begin += 1)
    if (has(begin, 12) && !has(begin, 30)) return begin;
  return from;
}

/**
 * Lateness of each fire against the latest fire time that is past. That flatters whoever is late by more than an
 * interval, but needs no word of the contender.
 */
async function lateness(contender: Contender, count: number, seconds: number): Promise<Measured> {
  const late: number[] = [];
  let measuring = false;
  const fired = ({ everyMs }: BenchJob): void => {
    if (!measuring) return;
    const past = wall() % everyMs;
    // A ms clock may call a ms too soon by the finer clock: that is on time, not an interval late.
    late.push(past > everyMs - 2 ? 0 : past);
  };
  const from = Math.ceil(wall() / 1000) * 1000 + 1000;
  contender.add(mixedJobs(count), from, fired);
  const settled = Math.ceil(Math.max(from, wall()) / 1000) + SETTLE;
  // Begins and ends between two seconds, when nothing is due.
  await wait(fairSecond(settled, seconds) * 1000 - 100 - wall());
  const cpu = process.cpuUsage();
  const began = performance.now();
  measuring = true;
  await wait(seconds * 1000);
  measuring = false;
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - began;
  late.sort((a, b) => a - b);
  return {
    lateness_p50_ms: percentile(late, 0.5),
    lateness_p99_ms: percentile(late, 0.99),
    lateness_max_ms: late.at(-1) ?? Number.NaN,
    cpu_pct: (user + system) / 10 / ms,
    fires: late.length,
  };
}

async function keep(contender: Contender, count: number): Promise<Kept> {
  const jobs = hourlyJobs(count);
  const began = performance.now();
  contender.add(jobs, Date.now(), () => {});
  const added = performance.now();
  await contender.remove();
  return { add_ms: added - began, remove_ms: performance.now() - added };
}

const [name = "", kind, count, seconds] = process.argv.slice(2);
const make = CONTENDERS[name];
if (make === undefined) throw new Error(`There is no contender "${name}".`);
const contender = await make();
const measured =
  kind === "keep"
    ? await keep(contender, Number(count))
    : await lateness(contender, Number(count), Number(seconds));
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
