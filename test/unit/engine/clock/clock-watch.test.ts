import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClockWatch, machineClocks } from "../../../../src-main/engine/clock-watch.ts";
import type { ClockChange } from "../../../../src-main/engine/clock-watch.ts";

const START = Date.UTC(2024, 2, 1);

/** A machine whose clocks can be bent. Its timers follow the monotonic clock, as those of Node do. */
class Machine {
  wall = START;
  monotonic = 1_000;
  uptime = 50_000;
  readonly #withUptime: boolean;
  #timer: { readonly at: number; readonly call: () => void } | null = null;
  timers = 0;

  constructor(withUptime: boolean) {
    this.#withUptime = withUptime;
  }

  ports() {
    return {
      wall: () => this.wall,
      monotonic: () => this.monotonic,
      ...(this.#withUptime ? { uptime: () => this.uptime } : {}),
      after: (ms: number, call: () => void) => {
        const timer = { at: this.monotonic + ms, call };
        this.#timer = timer;
        this.timers += 1;
        return () => {
          if (this.#timer === timer) this.#timer = null;
        };
      },
    };
  }

  get armed(): boolean {
    return this.#timer !== null;
  }

  /** All clocks go on, and nothing runs. */
  stall(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
    this.uptime += ms;
  }

  /** Suspended: on Linux the monotonic clock stands. */
  sleep(ms: number, monotonicStands = true): void {
    this.wall += ms;
    this.uptime += ms;
    if (!monotonicStands) this.monotonic += ms;
  }

  step(ms: number): void {
    this.wall += ms;
  }

  /** Runs for `ms`, firing timers on time; one that is late fires at once. */
  run(ms: number): void {
    const end = this.monotonic + ms;
    for (;;) {
      const timer = this.#timer;
      if (timer === null || timer.at > end) break;
      this.stall(Math.max(0, timer.at - this.monotonic));
      this.#timer = null;
      timer.call();
    }
    this.stall(Math.max(0, end - this.monotonic));
  }
}

function watched(withUptime = true) {
  const machine = new Machine(withUptime);
  const seen: ClockChange[] = [];
  const watch = new ClockWatch(machine.ports(), (change) => void seen.push(change));
  watch.start();
  const told = (): [string, number, string][] =>
    seen.map(({ kind, deltaMs, source }) => [kind, Math.round(deltaMs), source]);
  return { machine, watch, seen, told };
}

const HOUR = 3_600_000;

describe("ClockWatch", () => {
  it("is silent on a healthy machine, and looks every two seconds", () => {
    const { machine, told } = watched();
    machine.run(HOUR);
    expect(told()).toEqual([]);
    expect(machine.timers).toBe(HOUR / 2_000 + 1);
  });

  for (const withUptime of [true, false]) {
    describe(withUptime ? "with the machine's uptime" : "without the machine's uptime", () => {
      it("tells a step forward and a step back, within two seconds", () => {
        const { machine, told, seen } = watched(withUptime);
        machine.run(500);
        machine.step(90_000);
        machine.run(2_000);
        expect(told()).toEqual([["step", 90_000, "clock"]]);
        expect(seen[0]?.at).toBe(START + 90_000 + 2_000);
        machine.run(60_000);
        machine.step(-HOUR);
        machine.run(2_000);
        expect(told().slice(1)).toEqual([["step", -HOUR, "clock"]]);
      });

      it("takes a drift of up to two seconds in one look for none", () => {
        const { machine, told } = watched(withUptime);
        for (let i = 0; i < 50; i += 1) {
          machine.step(i % 2 === 0 ? 1_999 : -1_999);
          machine.run(2_000);
        }
        expect(told()).toEqual([]);
      });

      it("tells a stall by its own late timer", () => {
        const { machine, told } = watched(withUptime);
        machine.run(60_000);
        machine.stall(5_000);
        machine.run(10_000);
        expect(told()).toEqual([["stall", 3_000, "clock"]]);
      });

      it("tells a sleep of which the system speaks, once, whatever the monotonic clock did", () => {
        for (const stands of [true, false]) {
          const { machine, watch, told } = watched(withUptime);
          machine.run(1_000);
          watch.suspended();
          machine.sleep(8 * HOUR, stands);
          watch.resumed();
          machine.run(60_000);
          const [change, ...rest] = told();
          expect(rest).toEqual([]);
          expect(change?.[0]).toBe("sleep");
          expect(change?.[2]).toBe("power");
          expect(Math.abs((change?.[1] ?? 0) - 8 * HOUR)).toBeLessThanOrEqual(2_000);
        }
      });

      it("believes the system when the word of waking comes late or alone", () => {
        const { machine, watch, told } = watched(withUptime);
        watch.suspended();
        machine.sleep(HOUR);
        machine.run(10_000);
        watch.resumed();
        machine.run(10_000);
        expect(told()).toEqual([["sleep", HOUR, "power"]]);
        machine.sleep(HOUR);
        watch.resumed();
        machine.run(10_000);
        expect(told().slice(1)).toEqual([["sleep", HOUR, "power"]]);
      });

      it("forgets a word of sleep that nothing followed", () => {
        const { machine, watch, told } = watched(withUptime);
        watch.suspended();
        machine.run(60_000);
        machine.step(HOUR);
        machine.run(2_000);
        expect(told()).toEqual([["step", HOUR, "clock"]]);
      });

      it("finds a sleep by itself where the monotonic clock runs on", () => {
        const { machine, told } = watched(withUptime);
        machine.run(1_000);
        machine.sleep(HOUR, false);
        machine.run(10_000);
        expect(told()[0]?.[0]).toBe("sleep");
        expect(told()).toHaveLength(1);
      });
    });
  }

  it("finds a sleep of Linux by itself through the uptime, and a step made meanwhile", () => {
    const { machine, told } = watched();
    machine.run(1_000);
    machine.sleep(HOUR);
    machine.step(-30_000);
    machine.run(10_000);
    expect(told()).toEqual([
      ["sleep", HOUR, "clock"],
      ["step", -30_000, "clock"],
    ]);
  });

  it("goes on after a listener that throws, ends with stop, and begins anew with start", () => {
    const machine = new Machine(true);
    let calls = 0;
    const watch = new ClockWatch(machine.ports(), () => {
      calls += 1;
      throw new Error("broken");
    });
    watch.start();
    machine.step(HOUR);
    expect(() => machine.run(2_000)).toThrow("broken");
    machine.step(HOUR);
    expect(() => machine.run(2_000)).toThrow("broken");
    expect(calls).toBe(2);
    watch.stop();
    expect(machine.armed).toBe(false);
    machine.step(HOUR);
    watch.resumed();
    machine.run(10_000);
    watch.start();
    machine.run(10_000);
    expect(calls).toBe(2);
  });

  it("accounts for all lost time, to within a look, however steps and sleeps are mixed", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("run" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
      fc.record({
        kind: fc.constant("sleep" as const),
        ms: fc.integer({ min: 3_000, max: 10 * HOUR }),
      }),
      fc.record({
        kind: fc.constant("step" as const),
        ms: fc.integer({ min: -10 * HOUR, max: 10 * HOUR }).filter((ms) => Math.abs(ms) > 2_500),
      }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const { machine, seen } = watched();
        const done = { sleep: 0, step: 0 };
        for (const { kind, ms } of acts) {
          machine[kind](ms);
          if (kind !== "run") {
            done[kind] += ms;
            machine.run(4_000);
          }
        }
        const sum = (kind: ClockChange["kind"]): number =>
          seen.filter((c) => c.kind === kind).reduce((total, c) => total + c.deltaMs, 0);
        expect(sum("sleep")).toBeCloseTo(done.sleep, 3);
        expect(sum("step")).toBeCloseTo(done.step, 3);
        expect(sum("stall")).toBe(0);
      }),
    );
  });

  it("reads the clocks of this machine", () => {
    const ports = machineClocks(() => 7);
    const cancel = ports.after(60_000, () => {});
    cancel();
    expect(ports.uptime?.()).toBe(7);
    expect(ports.monotonic()).toBeGreaterThan(0);
    expect(ports.wall()).toBeGreaterThan(START);
  });
});
