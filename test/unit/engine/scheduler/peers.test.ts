import { Cron } from "croner";
import { getTasks, schedule, setLogger, shutdown } from "node-cron";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

/** What docs/scheduling.md says of the JavaScript schedulers, as they are installed. */
const hour = 3_600_000;
const stop: (() => unknown)[] = [];

const at = (time: string): void => {
  vi.useFakeTimers({
    now: Date.parse(time),
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const setWall = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};
const now = (): string => new Date().toISOString().slice(5, 19);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts of one expression in node-cron and croner, from now on, "MM-DDTHH:MM:SS" UTC. */
function both(expression: string, timezone = "UTC"): { nodeCron: string[]; croner: string[] } {
  const starts = { nodeCron: new Array<string>(), croner: new Array<string>() };
  const task = schedule(expression, () => void starts.nodeCron.push(now()), { timezone });
  const job = new Cron(expression, { timezone }, () => void starts.croner.push(now()));
  stop.push(
    () => task.destroy(),
    () => job.stop(),
  );
  return starts;
}

beforeAll(() => {
  const silent = (): void => {};
  setLogger({ info: silent, warn: silent, error: silent, debug: silent });
});
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
  vi.useRealTimers();
});

describe("the JavaScript schedulers", () => {
  it("a local time in the gap: node-cron skips it, croner fires at the end of the gap", async () => {
    at("2026-03-07T12:00:00Z");
    const { nodeCron, croner } = both("0 30 2 * * *", "America/New_York");
    await pass(48 * hour);
    expect(nodeCron).toEqual(["03-09T06:30:00"]);
    expect(croner).toEqual(["03-08T07:00:00", "03-09T06:30:00"]);
  });

  it("a repeated local time: both fire once, and node-cron leaves a hole of 75 minutes in */15", async () => {
    at("2026-10-31T12:00:00Z");
    const daily = both("0 30 1 * * *", "America/New_York");
    const quarters = both("0 */15 * * * *", "America/New_York");
    await pass(24 * hour);
    expect(daily.nodeCron).toEqual(["11-01T05:30:00"]);
    expect(daily.croner).toEqual(["11-01T05:30:00"]);
    const within = (starts: string[]): number =>
      starts.filter((time) => time > "11-01T05:45" && time < "11-01T07:01").length;
    expect(within(quarters.nodeCron)).toBe(2);
    expect(within(quarters.croner)).toBe(6);
  });

  it("setInterval drifts by every lateness, the others keep their grid", async () => {
    at("2026-01-05T00:00:00Z");
    const { nodeCron, croner } = both("*/10 * * * * *");
    const bare: string[] = [];
    const handle = setInterval(() => bare.push(now()), 10_000);
    stop.push(() => clearInterval(handle));
    await pass(15_000);
    setWall(2_000);
    await pass(20_000);
    expect(bare.at(-1)).toBe("01-05T00:00:32");
    expect(nodeCron.at(-1)).toBe("01-05T00:00:30");
    expect(croner.at(-1)).toBe("01-05T00:00:30");
  });

  it("has no policy for late fire times: the last one runs, croner says nothing of the others, node-cron 28,800 times a word a night", async () => {
    at("2026-01-05T00:00:00Z");
    const seen = { missed: 0, runs: 0, croner: 0 };
    const task = schedule("* * * * * *", () => void (seen.runs += 1));
    task.on("execution:missed", () => void (seen.missed += 1));
    const job = new Cron("* * * * * *", () => void (seen.croner += 1));
    stop.push(
      () => task.destroy(),
      () => job.stop(),
    );
    await pass(2_500);
    setWall(8 * hour);
    await pass(500);
    expect(seen).toEqual({ missed: 28_800, runs: 3, croner: 3 });
  });

  it("runs one instance when told so (noOverlap, protect), any number otherwise, never a limit between", async () => {
    at("2026-01-05T00:00:00Z");
    const most: Record<string, number> = {};
    const work = (name: string) => {
      let running = 0;
      return async (): Promise<void> => {
        most[name] = Math.max(most[name] ?? 0, ++running);
        await sleep(25_000);
        running -= 1;
      };
    };
    const expression = "*/10 * * * * *";
    const tasks = [
      schedule(expression, work("noOverlap"), { noOverlap: true }),
      schedule(expression, work("node-cron")),
    ];
    const jobs = [
      new Cron(expression, { protect: true }, work("protect")),
      new Cron(expression, work("croner")),
    ];
    stop.push(...tasks.map((task) => () => task.destroy()), ...jobs.map((job) => () => job.stop()));
    await pass(100_000);
    expect(most).toEqual({ noOverlap: 1, protect: 1, "node-cron": 3, croner: 3 });
    await pass(30_000);
  });

  it("a name is unique in croner, and may be taken twice in node-cron", () => {
    const first = new Cron("0 0 1 1 *", { name: "bot-1" }, () => {});
    stop.push(() => first.stop());
    expect(() => new Cron("0 0 1 1 *", { name: "bot-1" }, () => {})).toThrow("already taken");
    const tasks = [1, 2].map(() => schedule("0 0 1 1 *", () => {}, { name: "bot-1" }));
    stop.push(...tasks.map((task) => () => task.destroy()));
    expect([...getTasks().values()].filter(({ name }) => name === "bot-1")).toHaveLength(2);
  });

  it("the wall set back an hour: node-cron is silent for it, croner fires a slot twice", async () => {
    at("2026-01-05T12:00:00Z");
    const { nodeCron, croner } = both("0 */15 * * * *");
    await pass(1_000_000);
    setWall(-hour);
    await pass(hour);
    expect(nodeCron).toEqual(["01-05T12:15:00"]);
    expect(croner.filter((time) => time === "01-05T12:15:00")).toHaveLength(2);
  });

  it("beyond 2^31 ms a bare timer fires at once, the others wait", async () => {
    at("2026-01-05T00:00:00Z");
    const { nodeCron, croner } = both("0 0 0 30 1 *");
    let bare = 0;
    const handle = setTimeout(() => (bare += 1), 25 * 24 * hour);
    stop.push(() => clearTimeout(handle));
    await pass(24 * hour);
    expect([bare, nodeCron.length, croner.length]).toEqual([1, 0, 0]);
    await pass(24 * 24 * hour);
    expect([nodeCron.length, croner.length]).toEqual([1, 1]);
  });

  it("stop does not wait for a run; node-cron's shutdown does", async () => {
    at("2026-01-05T00:00:00Z");
    let done = 0;
    const work = async (): Promise<void> => {
      await sleep(5000);
      done += 1;
    };
    const task = schedule("*/10 * * * * *", work);
    const job = new Cron("*/10 * * * * *", work);
    await pass(10_500);
    await task.stop();
    job.stop();
    expect(done).toBe(0);
    await pass(10_000);
    expect(done).toBe(2);
    const again = schedule("*/10 * * * * *", work);
    stop.push(() => again.destroy());
    await pass(10_000);
    let ended = -1;
    void shutdown(60_000).then(() => (ended = done));
    await pass(10_000);
    expect(ended).toBe(3);
  });
});
