import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  FireRecord,
  IntervalTrigger,
  JobSpec,
} from "../../../../src-main/engine/scheduler/types.ts";
import { harness } from "./harness.ts";

const ids = ["a", "b", "c"] as const;
const id = fc.constantFrom(...ids);
/** What a run does: engine ms of sleep, host ms of blocking the loop, failing at the end. */
const work = fc.record({
  sleep: fc.nat(80),
  block: fc.option(fc.nat(60), { freq: 6 }),
  fails: fc.boolean(),
});
const plan = fc.record({
  every: fc.integer({ min: 1, max: 40 }),
  offset: fc.integer({ min: -60, max: 60 }),
  graceMs: fc.option(fc.integer({ min: 1, max: 80 })),
  coalesce: fc.boolean(),
  works: fc.array(work, { minLength: 1, maxLength: 4 }),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;
const op = fc.oneof(
  fc.record({ op: fc.constant("pass" as const), ms: fc.nat(60) }),
  fc.record({ op: fc.constant("jump" as const), ms: fc.nat(300) }),
  fc.record({ op: fc.constantFrom("pause" as const, "resume" as const, "remove" as const), id }),
  fc.record({ op: fc.constantFrom("pauseAll" as const, "resumeAll" as const) }),
  fc.record({ op: fc.constantFrom("add" as const, "rephase" as const), id, plan }),
);

/** Fire times that a job owes: its grid after `after`, up to its end, but for those strictly inside a pause. */
interface Duty {
  trigger: IntervalTrigger;
  after: number;
  pausedAt: number | null;
}

const grid = ({ anchor, everyMs }: IntervalTrigger, after: number, upTo: number): number[] => {
  const times: number[] = [];
  for (let t = anchor; t <= upTo; t += everyMs) if (t > after) times.push(t);
  return times;
};

describe("any schedule of jobs, stalls, pauses, removals and a drain", () => {
  it("accounts for every fire time exactly once, never early, never over the limit, and leaves nothing running", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(op, { maxLength: 20 }),
        fc.record({
          a: fc.integer({ min: 1, max: 2 }),
          b: fc.integer({ min: 1, max: 3 }),
          c: fc.constant(1),
        }),
        fc.constantFrom(0, 20, 100_000),
        async (ops, limits, limitMs) => {
          const { clock, scheduler, records, errors } = harness();
          const running = new Map<string, number>();
          let stopped = false;
          const spec = (
            jobId: (typeof ids)[number],
            p: Plan,
          ): JobSpec & { readonly trigger: IntervalTrigger } => {
            let runs = 0;
            return {
              id: jobId,
              trigger: { kind: "interval", everyMs: p.every, anchor: clock.now() + p.offset },
              graceMs: p.graceMs,
              coalesce: p.coalesce,
              maxInstances: limits[jobId],
              accountedUntil: null,
              run: async (fire) => {
                expect(stopped).toBe(false);
                expect(fire.startedAt).toBeGreaterThanOrEqual(fire.fireTime);
                expect(fire.startedAt).toBe(clock.now());
                if (p.graceMs !== null) expect(fire.latenessMs).toBeLessThanOrEqual(p.graceMs);
                const now = (running.get(jobId) ?? 0) + 1;
                expect(now).toBeLessThanOrEqual(limits[jobId]);
                running.set(jobId, now);
                const w = p.works[runs++ % p.works.length];
                try {
                  if (w?.block != null) clock.jump(w.block);
                  if (w !== undefined && w.sleep > 0) await clock.sleep(w.sleep, fire.signal);
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
            for (const t of grid(duty.trigger, duty.after, clock.now())) owed.push(`${jobId}@${t}`);
            duty.after = Math.max(duty.after, clock.now());
          };
          const pausedBefore = (jobId: string): number | null =>
            duties.get(jobId)?.pausedAt ?? null;

          scheduler.start();
          for (const o of ops) {
            if (o.op === "pass") await clock.advance(o.ms);
            else if (o.op === "jump") clock.jump(o.ms);
            else if (o.op === "pauseAll") scheduler.pauseAll();
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
              const next = spec(o.id, o.plan);
              const old = duties.get(o.id);
              const inPhase =
                o.op === "add" && old !== undefined && old.trigger.everyMs === next.trigger.everyMs;
              if (!inPhase) {
                settle(o.id);
                const takesOver = o.op === "add" && old !== undefined;
                duties.set(o.id, {
                  trigger: next.trigger,
                  after: takesOver ? clock.now() - 1 : Number.NEGATIVE_INFINITY,
                  pausedAt: pausedBefore(o.id),
                });
              }
              scheduler.add(next, { replace: true, phase: o.op === "add" ? "keep" : "new" });
            }
          }
          for (const jobId of ids) settle(jobId);
          const atWork = scheduler.list().map((job) => job.running);
          const drained = scheduler.stop({ limitMs });
          stopped = true;
          await clock.advance(200_000);
          const report = await drained;
          if (limitMs === 100_000) expect(report.aborted).toEqual([]);
          expect(report.finished + report.aborted.length).toBeLessThanOrEqual(6);
          expect(atWork.length).toBeLessThanOrEqual(ids.length);
          expect([...running.values()].every((n) => n === 0)).toBe(true);
          expect(errors).toEqual([]);

          const expand = (r: FireRecord): string[] => {
            if (r.fireCount === 1) return [`${r.jobId}@${r.fireTime}`];
            const every = (r.lastFireTime - r.fireTime) / (r.fireCount - 1);
            return Array.from(
              { length: r.fireCount },
              (_, i) => `${r.jobId}@${r.fireTime + i * every}`,
            );
          };
          expect(records.flatMap(expand).toSorted()).toEqual(owed.toSorted());
          for (const r of records)
            if (r.outcome !== "cancelled") expect(r.at).toBeGreaterThanOrEqual(r.lastFireTime);
        },
      ),
      { numRuns: 400 },
    );
  }, 60_000);

  it("without stalls starts everything at its fire time, in the order of (time, id), without drift", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.record({
            n: fc.nat(30),
            every: fc.integer({ min: 1, max: 50 }),
            anchor: fc.nat(50),
            sleep: fc.nat(120),
          }),
          {
            selector: ({ n }) => n,
            maxLength: 8,
          },
        ),
        async (jobs) => {
          const { clock, scheduler, job, starts, records } = harness();
          for (const { n, every, anchor, sleep } of jobs)
            scheduler.add(job({ id: `bot-b${n}`, every, anchor }, () => clock.sleep(sleep)));
          scheduler.start();
          await clock.advanceTo(500);
          for (const { fireTime, at } of starts) expect(at).toBe(fireTime);
          const number = (jobId: string): number => Number(jobId.slice("bot-b".length));
          const sorted = starts.toSorted((a, b) => a.at - b.at || number(a.id) - number(b.id));
          expect(starts).toEqual(sorted);
          for (const { n, every, anchor } of jobs) {
            const jobId = `bot-b${n}`;
            const told =
              records.filter((r) => r.jobId === jobId).length +
              (scheduler.get(jobId)?.running ?? 0);
            expect(told).toBe(grid({ kind: "interval", everyMs: every, anchor }, -1, 500).length);
          }
        },
      ),
    );
  });
});
