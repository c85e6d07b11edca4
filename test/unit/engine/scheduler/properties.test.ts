import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FireRecord, JobSpec, Trigger } from "../../../../src-main/engine/scheduler/types.ts";
import { harness } from "./harness.ts";

/** Times are in units of 0.1 s, so that calendars of seconds take part. */
const unit = 100;
const ms = (max: number, min = 0) => fc.integer({ min, max }).map((n) => n * unit);

const ids = ["a", "b", "c"] as const;
type Id = (typeof ids)[number];
const id = fc.constantFrom(...ids);
/** What a run does: engine ms of sleep, host ms of blocking the loop, hanging for good, failing at the end. */
const work = fc.record({
  sleep: ms(80),
  block: fc.option(ms(60), { freq: 6 }),
  hangs: fc.boolean(),
  fails: fc.boolean(),
});
const trigger = fc.oneof(
  fc.record({ kind: fc.constant("interval" as const), every: ms(40, 1), offset: ms(60, -60) }),
  fc.record({ kind: fc.constant("candle_close" as const), every: ms(40, 1), offset: ms(20) }),
  fc.record({ kind: fc.constant("cron" as const), step: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ kind: fc.constant("date" as const), offset: ms(60, -60) }),
);
const plan = fc.record({
  trigger,
  graceMs: fc.option(ms(80, 1)),
  coalesce: fc.boolean(),
  runLimitMs: fc.option(ms(60, 1)),
  startOffsetMs: fc.option(ms(40), { freq: 3, nil: undefined }),
  endAfter: fc.option(ms(200), { freq: 3 }),
  works: fc.array(work, { minLength: 1, maxLength: 4 }),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;
const op = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant("pass" as const), ms: ms(60) }) },
  fc.record({ op: fc.constant("jump" as const), ms: ms(300) }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constantFrom("step" as const, "sleep" as const, "stall" as const),
      ms: ms(300),
    }),
  },
  fc.record({ op: fc.constantFrom("pause" as const, "resume" as const, "remove" as const), id }),
  fc.record({ op: fc.constantFrom("pauseAll" as const, "resumeAll" as const) }),
  fc.record({ op: fc.constantFrom("add" as const, "rephase" as const), id, plan }),
);

/** All three jobs, and what comes to pass with them. */
const history = fc
  .tuple(fc.tuple(plan, plan, plan), fc.array(op, { maxLength: 25, size: "max" }))
  .map(([plans, ops]) => [
    ...ids.map((id, i) => ({ op: "add" as const, id, plan: plans[i] ?? plans[0] })),
    ...ops,
  ]);

/** Fire times that a job owes: its trigger's after `after`, up to its end, but for those strictly inside a pause. */
interface Duty {
  readonly trigger: Trigger;
  readonly endAt: number;
  after: number;
  pausedAt: number | null;
}

/** The slow truth: walk the time. */
function walk(t: Trigger, after: number, upTo: number): number[] {
  const times: number[] = [];
  if (t.kind === "date") return t.time > after && t.time <= upTo ? [t.time] : [];
  if (t.kind === "cron") {
    const step = Number(/\d+/.exec(t.expression)?.[0] ?? 1);
    for (let s = Math.floor(after / 1000) + 1; s * 1000 <= upTo; s += 1)
      if ((s % 60) % step === 0) times.push(s * 1000);
    return times;
  }
  const first = t.kind === "interval" ? t.anchor : t.offsetMs - 100 * t.everyMs;
  for (let time = first; time <= upTo; time += t.everyMs) if (time > after) times.push(time);
  return times;
}

const triggerOf = ({ trigger: t }: Plan, now: number): Trigger => {
  switch (t.kind) {
    case "interval":
      return { kind: "interval", everyMs: t.every, anchor: now + t.offset };
    case "candle_close":
      return { kind: "candle_close", everyMs: t.every, offsetMs: t.offset };
    case "cron":
      return { kind: "cron", expression: `*/${t.step} * * * * *`, zone: "UTC" };
    case "date":
      return { kind: "date", time: now + t.offset };
  }
};

const endOf = (endAt: number): number | null => (endAt === Number.POSITIVE_INFINITY ? null : endAt);

const sameRhythm = (a: Trigger, b: Trigger): boolean =>
  a.kind === "interval" && b.kind === "interval"
    ? a.everyMs === b.everyMs
    : JSON.stringify(a) === JSON.stringify(b);

/** All fire times that a record stands for: an unbroken row of one of the triggers that its job ever had. */
const expanded = (r: FireRecord, triggers: ReadonlyMap<string, readonly Trigger[]>): string[] => {
  const row = { first: r.fireTime, last: r.lastFireTime, count: r.fireCount };
  const rows = (triggers.get(r.jobId) ?? []).map((t) => walk(t, row.first - 1, row.last));
  const fits = rows.find(
    (times) => times.length === row.count && times[0] === row.first && times.at(-1) === row.last,
  );
  return (fits ?? [row.first]).map((time) => `${r.jobId}@${time}`);
};

describe.each([
  ["single jobs", undefined],
  ["a group", "g"],
])("any schedule of %s, with stalls, steps, sleeps, pauses, removals and a drain", (_, group) => {
  it("accounts for every fire time exactly once, never early, never over the limit, and leaves nothing running", async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.record({
          a: fc.integer({ min: 1, max: 2 }),
          b: fc.integer({ min: 1, max: 3 }),
          c: fc.constant(1),
        }),
        fc.constantFrom(0, 2000, 10_000_000),
        fc.option(ms(50)),
        async (ops, limits, limitMs, checkMs) => {
          const running = new Map<string, number>();
          const triggers = new Map<string, Trigger[]>();
          /** What a run found wrong: thrown there, it would be no more than a run that failed. */
          const broken: string[] = [];
          let stopped = false;
          let changed = false;
          let checking = 0;
          const { clock, scheduler, records, errors } = harness({
            staggerMs: 3 * unit,
            ...(checkMs !== null && {
              beforeOverdue: async () => {
                checking += 1;
                await clock.sleep(checkMs);
                checking -= 1;
              },
            }),
          });
          const spec = (jobId: Id, p: Plan): JobSpec => {
            let runs = 0;
            return {
              id: jobId,
              trigger: triggerOf(p, clock.now()),
              graceMs: p.graceMs,
              coalesce: p.coalesce,
              maxInstances: limits[jobId],
              runLimitMs: p.runLimitMs,
              ...(p.startOffsetMs !== undefined && { startOffsetMs: p.startOffsetMs }),
              endAt: p.endAfter === null ? null : clock.now() + p.endAfter,
              ...(group !== undefined && { group }),
              accountedUntil: null,
              run: async (fire) => {
                const now = (running.get(jobId) ?? 0) + 1;
                running.set(jobId, now);
                if (stopped) broken.push("it started after the stop");
                if (checking > 0) broken.push("it started before the checks were through");
                if (fire.startedAt < fire.fireTime || fire.startedAt !== clock.now())
                  broken.push(`${fire.fireTime} started at ${fire.startedAt}`);
                // In a group the wait for its turn comes on top.
                const judged = group === undefined && !changed;
                if (p.graceMs !== null && judged && fire.latenessMs > p.graceMs)
                  broken.push(`${fire.fireTime} was ${fire.latenessMs} ms late`);
                if (now > limits[jobId]) broken.push(`${now} instances of ${jobId}`);
                const all = [...running.values()].reduce((sum, n) => sum + n, 0);
                if (group !== undefined && all > 1) broken.push(`${all} of a group at work`);
                const w = p.works[runs++ % p.works.length];
                try {
                  if (w?.block != null) clock.jump(w.block);
                  if (w !== undefined && w.sleep > 0) await clock.sleep(w.sleep, fire.signal);
                  if (w?.hangs === true && p.runLimitMs !== null)
                    await new Promise((_, reject) => {
                      // It notices, but only after it was given up.
                      fire.signal.addEventListener("abort", () => {
                        clock.at(clock.now() + 1000, () => reject(new Error("late")), "limit");
                      });
                    });
                  if (w?.fails === true) throw new Error("as planned");
                } finally {
                  running.set(jobId, (running.get(jobId) ?? 0) - 1);
                }
              },
            };
          };

          const duties = new Map<string, Duty>();
          const owed: string[] = [];
          const settle = (jobId: string): void => {
            const duty = duties.get(jobId);
            if (duty === undefined || duty.pausedAt !== null) return;
            const upTo = Math.min(clock.now(), duty.endAt);
            for (const t of walk(duty.trigger, duty.after, upTo)) owed.push(`${jobId}@${t}`);
            duty.after = Math.max(duty.after, clock.now());
          };
          const pausedBefore = (jobId: string): number | null =>
            duties.get(jobId)?.pausedAt ?? null;

          scheduler.start();
          for (const o of ops) {
            for (const jobId of ids) {
              // Its last fire time was served, and the job with it.
              if (scheduler.get(jobId) !== undefined) continue;
              settle(jobId);
              duties.delete(jobId);
            }
            if (o.op === "pass") await clock.advance(o.ms);
            else if (o.op === "jump") clock.jump(o.ms);
            else if (o.op === "step" || o.op === "sleep" || o.op === "stall") {
              changed = true;
              if (o.op === "stall") clock.jump(o.ms);
              else clock.step(o.ms);
              scheduler.clockChanged({ kind: o.op, deltaMs: o.ms });
            } else if (o.op === "pauseAll") scheduler.pauseAll();
            else if (o.op === "resumeAll") scheduler.resumeAll();
            else if (o.op === "pause") {
              settle(o.id);
              const duty = duties.get(o.id);
              if (duty !== undefined) duty.pausedAt ??= clock.now();
              scheduler.pause(o.id);
            } else if (o.op === "resume") {
              const duty = duties.get(o.id);
              if (duty !== undefined && duty.pausedAt !== null) {
                duty.pausedAt = null;
                duty.after = Math.max(duty.after, clock.now() - 1);
              }
              scheduler.resume(o.id);
            } else if (o.op === "remove") {
              settle(o.id);
              duties.delete(o.id);
              scheduler.remove(o.id);
            } else if (o.op === "add" || o.op === "rephase") {
              const wanted = spec(o.id, o.plan);
              const old = duties.get(o.id);
              const inPhase =
                o.op === "add" && old !== undefined && sameRhythm(old.trigger, wanted.trigger);
              // What is due and not judged yet would be due or not by either end.
              const next = inPhase ? { ...wanted, endAt: endOf(old.endAt) } : wanted;
              const endAt = next.endAt ?? Number.POSITIVE_INFINITY;
              if (!inPhase) {
                settle(o.id);
                const takesOver = o.op === "add" && old !== undefined;
                const { kind } = next.trigger;
                const fresh = kind === "interval" || kind === "date" ? -Infinity : clock.now() - 1;
                const heldBack =
                  o.plan.startOffsetMs === undefined
                    ? -Infinity
                    : clock.now() + o.plan.startOffsetMs - 1;
                duties.set(o.id, {
                  trigger: next.trigger,
                  endAt,
                  after: Math.max(takesOver ? clock.now() - 1 : fresh, heldBack),
                  pausedAt: pausedBefore(o.id),
                });
              }
              const kept = duties.get(o.id)?.trigger ?? next.trigger;
              scheduler.add(next, { replace: true, phase: o.op === "add" ? "keep" : "new" });
              triggers.set(o.id, [...(triggers.get(o.id) ?? []), kept]);
            }
          }
          for (const jobId of ids) settle(jobId);
          const drained = scheduler.stop({ limitMs });
          stopped = true;
          await clock.advance(20_000_000);
          const report = await drained;
          if (limitMs === 10_000_000) expect(report.aborted).toEqual([]);
          expect(report.finished + report.aborted.length).toBeLessThanOrEqual(6);
          expect(scheduler.list()).toEqual([]);
          expect([...running.values()].every((n) => n === 0)).toBe(true);
          expect(broken).toEqual([]);
          expect(errors).toEqual([]);
          expect(records.flatMap((r) => expanded(r, triggers)).toSorted()).toEqual(owed.toSorted());
          for (const r of records)
            if (r.outcome !== "cancelled") expect(r.at).toBeGreaterThanOrEqual(r.lastFireTime);
        },
      ),
      { numRuns: 400 },
    );
  }, 120_000);

  it("without stalls starts everything at its fire time, in the order of (time, id), without drift", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ n: fc.nat(30), plan, sleep: ms(120) }), {
          selector: ({ n }) => n,
          maxLength: 8,
        }),
        async (jobs) => {
          const { clock, scheduler, job, starts, records } = harness();
          const of = new Map<string, Trigger>();
          for (const { n, plan: p, sleep } of jobs) {
            const t = triggerOf(p, 6000);
            of.set(`bot-b${n}`, t);
            const alone = group === undefined ? {} : { group: `${group}${n}` };
            scheduler.add(
              job({ id: `bot-b${n}`, trigger: t, accountedUntil: -1, ...alone }, () =>
                clock.sleep(sleep),
              ),
            );
          }
          scheduler.start();
          await clock.advanceTo(50_000);
          for (const { fireTime, at } of starts) expect(at).toBe(fireTime);
          const number = (jobId: string): number => Number(jobId.slice("bot-b".length));
          const sorted = starts.toSorted((a, b) => a.at - b.at || number(a.id) - number(b.id));
          expect(starts).toEqual(sorted);
          for (const [jobId, t] of of) {
            const running = starts.filter((s) => s.id === jobId).length;
            const refused = records.filter((r) => r.jobId === jobId && r.outcome !== "ran").length;
            expect(running + refused).toBe(walk(t, -1, 50_000).length);
          }
        },
      ),
    );
  }, 60_000);
});

describe("any row of steps of the wall, both ways", () => {
  const jobs = fc.array(fc.record({ candle: fc.boolean(), every: ms(90, 5), offset: ms(30) }), {
    minLength: 1,
    maxLength: 4,
  });
  const moves = fc.array(fc.record({ pass: ms(60, 1), step: fc.option(ms(400, -400)) }), {
    maxLength: 12,
  });

  it("fires no fire time twice and none early, and after each the next run is at most an interval away", async () => {
    await fc.assert(
      fc.asyncProperty(jobs, moves, async (plans, steps) => {
        const { clock, scheduler, job, starts, records } = harness({ staggerMs: 1 });
        const stepTimes: number[] = [];
        // True time: what the wall would show, had nobody set it.
        let stepped = 0;
        const trueStarts = new Map<string, number[]>();
        plans.forEach(({ candle, every, offset }, i) => {
          const id = `j${i}`;
          trueStarts.set(id, []);
          const trigger: Trigger = candle
            ? { kind: "candle_close", everyMs: every, offsetMs: offset }
            : { kind: "interval", everyMs: every, anchor: offset };
          scheduler.add(
            job({ id, trigger, graceMs: null }, async () => {
              trueStarts.get(id)?.push(clock.now() - stepped);
            }),
          );
        });
        scheduler.start();
        await clock.advance(10_000);
        for (const { pass, step } of steps) {
          if (step !== null) {
            clock.step(step);
            stepped += step;
            stepTimes.push(clock.now() - stepped);
            scheduler.clockChanged({ kind: "step", deltaMs: step });
          }
          await clock.advance(pass);
        }
        await clock.advance(20_000);
        for (const { fireTime, at } of starts) expect(at).toBeGreaterThanOrEqual(fireTime);
        const names = starts.map((s) => `${s.id}@${s.fireTime}`);
        expect(new Set(names).size).toBe(names.length);
        expect(records.every((r) => r.latenessMs >= 0)).toBe(true);
        plans.forEach(({ candle, every }, i) => {
          const marks = [...(trueStarts.get(`j${i}`) ?? []), clock.now() - stepped];
          const times = [...marks, ...stepTimes.filter((time) => time > (marks[0] ?? 0))].toSorted(
            (x, y) => x - y,
          );
          // Turns are 1 ms apart; a close that the wall went back over by less than an interval is not repeated.
          const longest = (candle ? 2 * every : every) + plans.length + steps.length;
          times.forEach((time, n) => {
            if (n > 0) expect(time - (times[n - 1] ?? 0)).toBeLessThanOrEqual(longest);
          });
        });
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  const calendars = fc.array(fc.integer({ min: 1, max: 29 }), { minLength: 1, maxLength: 3 });
  const walls = fc.array(
    fc.record({ pass: ms(60_000, 1), step: fc.option(ms(400_000, -400_000)) }),
    { maxLength: 12 },
  );

  it("holds for calendars: none twice, none early, and never two fire times of one in a row without a run", async () => {
    await fc.assert(
      fc.asyncProperty(calendars, walls, async (seconds, steps) => {
        const { clock, scheduler, job, starts } = harness({ staggerMs: 1 });
        let stepped = 0;
        const trueStarts = seconds.map((): number[] => []);
        seconds.forEach((every, i) => {
          const trigger: Trigger = {
            kind: "cron",
            expression: `*/${every} * * * * *`,
            zone: "UTC",
          };
          scheduler.add(
            job({ id: `j${i}`, trigger, graceMs: null }, async () => {
              trueStarts[i]?.push(clock.now() - stepped);
            }),
          );
        });
        const stepTimes: number[] = [];
        scheduler.start();
        await clock.advance(600_000);
        for (const { pass, step } of steps) {
          if (step !== null) {
            clock.step(step);
            stepped += step;
            stepTimes.push(clock.now() - stepped);
            scheduler.clockChanged({ kind: "step", deltaMs: step });
          }
          await clock.advance(pass);
        }
        await clock.advance(90_000);
        for (const { fireTime, at } of starts) expect(at).toBeGreaterThanOrEqual(fireTime);
        const names = starts.map((s) => `${s.id}@${s.fireTime}`);
        expect(new Set(names).size).toBe(names.length);
        seconds.forEach((every, i) => {
          const times = [...(trueStarts[i] ?? []), ...stepTimes, clock.now() - stepped].toSorted(
            (x, y) => x - y,
          );
          const longest = 2 * every * 1000 + seconds.length + steps.length;
          times.forEach((time, n) => {
            if (n > 0) expect(time - (times[n - 1] ?? 0)).toBeLessThanOrEqual(longest);
          });
        });
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("loses no fire time that was due when the wall was set back", async () => {
    await fc.assert(
      fc.asyncProperty(ms(90, 5), ms(60, 1), ms(2000, 1), async (every, blocked, back) => {
        const { clock, scheduler, job, records } = harness({ staggerMs: 1 });
        for (const kind of ["interval", "candle_close"] as const) {
          const trigger: Trigger =
            kind === "interval"
              ? { kind, everyMs: every, anchor: 0 }
              : { kind, everyMs: every, offsetMs: 0 };
          scheduler.add(job({ id: kind, trigger, accountedUntil: 9999 }));
        }
        scheduler.start();
        await clock.advanceTo(10_000);
        // Nothing is served between the end of the block and the step.
        clock.jump(blocked);
        const was = clock.now();
        clock.step(-back);
        scheduler.clockChanged({ kind: "step", deltaMs: -back });
        await clock.advance(back + 10 * every);
        for (const kind of ["interval", "candle_close"]) {
          const told = records.filter((record) => record.jobId === kind);
          for (let due = Math.ceil(10_000 / every) * every; due <= was; due += every) {
            const of = told.filter((r) => r.fireTime <= due && due <= r.lastFireTime);
            expect(of.filter((r) => (due - r.fireTime) % every === 0)).toHaveLength(1);
          }
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
