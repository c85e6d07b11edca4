import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { HOLDS, openTrial, strategy, until } from "./support.ts";
import type { Trial } from "./support.ts";

let trial: Trial;
afterEach(() => trial.close());

const stateOf = (file: string) => trial.library.list().files.find((each) => each.file === file);

/** The way out of the sandbox that a determined author has: the outer realm's process. */
const OUTSIDE = 'const outside = z.strictObject.constructor("return process")();';

describe("strategies of the user's own, in a real process", () => {
  it("loads a file, tells its form, and decides on what it is given", async () => {
    trial = await openTrial({
      "mine.ts": strategy(
        `
    const { period } = input.params;
    const mean = indicators.sma(input.candles.close, period).at(-1) ?? NaN;
    const other = input.reference("ETH/USDT")?.close.at(-1);
    if (close > mean) return {
      action: "enter", side: "long", confidence: 0.5, stopPrice: close * 0.9, sizeFactor: 1,
      reason: \`close \${close} over \${mean}, ETH \${other}\`,
      conditions: [{ label: "Above its mean", held: true, detail: "yes" }],
    } as const;
    return { action: "hold", reason: "below" };`,
        'import { indicators } from "tickdeck";',
      ).replace("warmup:", 'needs: () => ({ references: ["ETH/USDT"] }),\n  warmup:'),
    });
    const view = trial.library.views().find(({ id }) => id === "user:mine");
    expect(view).toMatchObject({
      title: "Trial",
      defaultTimeframe: "1h",
      fields: [{ key: "period", kind: "integer", default: 5, min: 2, max: 100 }],
    });
    const bot = trial.library.get("user:mine");
    expect(bot?.check({ period: 1 })).toEqual({
      ok: false,
      field: "period",
      message: "Period is 1; it must be a whole number from 2 to 100 (candles).",
    });
    expect(bot?.check({})).toEqual({ ok: true, value: { period: 5 } });
    const decision = await trial.decide("user:mine", {
      reference: () => ({
        length: 1,
        time: Float64Array.of(0),
        open: Float64Array.of(7),
        high: Float64Array.of(7),
        low: Float64Array.of(7),
        close: Float64Array.of(7),
        volume: Float64Array.of(7),
      }),
    });
    expect(decision).toEqual({
      action: "enter",
      side: "long",
      confidence: 0.5,
      stopPrice: 4.5,
      sizeFactor: 1,
      reason: "close 5 over 3, ETH 7",
      conditions: [{ label: "Above its mean", held: true, detail: "yes" }],
    });
  });

  it("stops an endless loop; whoever waits behind it is decided by a new process", async () => {
    trial = await openTrial({ "loop.ts": strategy("    for (;;) {}"), "good.ts": HOLDS });
    const looping = trial.decide("user:loop");
    const good = trial.decide("user:good");
    await expect(looping).rejects.toThrow(
      /loop\.ts was stopped and this tick is lost: decide took longer than 1\.5 s/,
    );
    await expect(good).resolves.toMatchObject({ action: "hold", reason: "close 5" });
    expect(trial.library.list().stops).toBe(1);
    expect(stateOf("loop.ts")?.lastFault).toMatch(/endless loop/);
    expect(stateOf("good.ts")?.lastFault).toBeNull();
  });

  it("stops a loop outside of every function when the file is loaded", async () => {
    trial = await openTrial({ "loop.ts": "while (true) {}", "good.ts": HOLDS });
    expect(stateOf("loop.ts")).toMatchObject({
      state: "broken",
      trouble: { message: expect.stringContaining("loading it took longer") },
    });
    await expect(trial.decide("user:good")).resolves.toMatchObject({ action: "hold" });
  });

  it.each([
    ["process.exit", "outside.exit(3);", /it ended the process \(exit code 3\)/],
    ["a killed process", 'outside.kill(outside.pid, "SIGKILL");', /it ended by itself \(SIGKILL\)/],
  ])("outlives %s", async (_name, line, reason) => {
    trial = await openTrial({
      "crash.ts": strategy(`    ${OUTSIDE}\n    ${line}\n    for (;;) {}`),
      "good.ts": HOLDS,
    });
    const crash = trial.decide("user:crash");
    const good = trial.decide("user:good");
    await expect(crash).rejects.toThrow(reason);
    await expect(good).resolves.toMatchObject({ action: "hold" });
  });

  it.each([
    ["a leak of objects", "const all = []; for (;;) all.push(new Array(1000).fill(close));"],
    [
      "a leak of buffers",
      "const all = []; for (;;) all.push(new Float64Array(100_000).fill(close));",
    ],
  ])("stops %s at the memory limit", async (_name, body) => {
    trial = await openTrial({ "leak.ts": strategy(`    ${body}`), "good.ts": HOLDS });
    const leak = trial.decide("user:leak");
    const good = trial.decide("user:good");
    await expect(leak).rejects.toThrow(/took more than the 128 MB of memory/);
    await expect(good).resolves.toMatchObject({ action: "hold" });
  });

  it("leaves a version alone that was stopped three times in a row, until its file changes", async () => {
    trial = await openTrial({
      "crash.ts": strategy(`    ${OUTSIDE}\n    outside.exit(1);\n    for (;;) {}`),
    });
    for (let i = 0; i < 3; i += 1)
      await expect(trial.decide("user:crash")).rejects.toThrow(/this tick is lost/);
    await expect(trial.decide("user:crash")).rejects.toThrow(/3 times in a row/);
    expect(trial.library.list().stops).toBe(3);
    trial.write({ "crash.ts": HOLDS });
    await until(trial.library, () => stateOf("crash.ts")?.lastFault === null);
    await expect(trial.decide("user:crash")).resolves.toMatchObject({ action: "hold" });
  });

  it("names file and line of what a strategy throws, and goes on with the same process", async () => {
    trial = await openTrial({
      "throws.ts": strategy(
        "    return helper(close);",
        'import { helper } from "./lib/helper.ts";',
      ),
      "lib/helper.ts":
        "export const helper = (x: number) => {\n  throw new TypeError(`no ${x}`);\n};\n",
    });
    await expect(trial.decide("user:throws")).rejects.toThrow(
      "Strategy lib/helper.ts:2:9: TypeError: no 5",
    );
    expect(trial.library.list().stops).toBe(0);
  });

  it.each([
    ["no object", "return 7;", /decide answered no decision/],
    ["an unknown action", 'return { action: "buy", reason: "x" };', /action/],
    ["no reason", 'return { action: "hold" };', /reason/],
    [
      "a stop that is no number",
      'return { action: "enter", side: "long", confidence: 1, stopPrice: NaN, reason: "x" };',
      /stopPrice/,
    ],
    [
      "a stop on the wrong side",
      'return { action: "enter", side: "long", confidence: 1, stopPrice: close, reason: "x" };',
      /wrong side of the close 5/,
    ],
    [
      "too much confidence",
      'return { action: "enter", side: "long", confidence: 2, stopPrice: 1, reason: "x" };',
      /confidence/,
    ],
    [
      "a short where shorting is off",
      'return { action: "enter", side: "short", confidence: 1, stopPrice: 9, reason: "x" };',
      /shorting is off/,
    ],
    ["a promise", 'return Promise.resolve({ action: "hold", reason: "x" });', /a promise/],
    ["a function", 'return { action: "hold", reason: "x", also: () => 1 };', /could not be cloned/],
  ])("refuses %s for a decision", async (_name, body, reason) => {
    trial = await openTrial({ "odd.ts": strategy(`    ${body}`) });
    await expect(trial.decide("user:odd")).rejects.toThrow(reason);
  });

  it.each([
    ["chance", 'return { action: "hold", reason: String(Math.random()) };', /Math\.random/],
    ["the clock", 'return { action: "hold", reason: String(Date.now()) };', /Date\.now/],
    ["a new Date", 'return { action: "hold", reason: String(new Date()) };', /new Date\(\)/],
    [
      "a memory",
      'calls += 1; return { action: "hold", reason: `call ${calls}` };',
      /not deterministic.*call 1.*call 2/,
    ],
  ])("refuses a decision that depends on %s", async (_name, body, reason) => {
    trial = await openTrial({ "odd.ts": strategy(`    ${body}`, "let calls = 0;") });
    await expect(trial.decide("user:odd")).rejects.toThrow(reason);
  });

  it("gives a strategy nothing of Node, no network and no memory behind the last candle", async () => {
    trial = await openTrial({
      "spy.ts": strategy(`
    const outer = z.strictObject.constructor("return globalThis")();
    return { action: "hold", reason: JSON.stringify({
      inner: ["process", "require", "fetch", "setTimeout", "WebSocket", "Buffer"].filter((name) => name in globalThis),
      outer: ["fetch", "WebSocket", "EventSource"].filter((name) => name in outer),
      env: Object.keys(outer.process.env),
      builtin: typeof outer.process.getBuiltinModule,
      behind: input.candles.close.buffer.byteLength / 8,
    }) };`),
    });
    const long = Float64Array.from({ length: 50 }, (_, i) => i);
    const cut = long.subarray(0, 5);
    const decision = await trial.decide("user:spy", {
      candles: { length: 5, time: cut, open: cut, high: cut, low: cut, close: cut, volume: cut },
    });
    expect(JSON.parse((decision as { reason: string }).reason)).toEqual({
      inner: [],
      outer: [],
      env: [],
      builtin: "undefined",
      behind: 5,
    });
  });

  it.each([
    ["a syntax error", "const a: number = ;", 1, /Expression expected/],
    ["an enum", "\nenum Side { long }", 2, /enum is not supported/],
    ["a foreign import", '\n\nimport fs from "node:fs";', 3, /"node:fs" cannot be imported/],
    ["a missing helper", 'import "./no.ts";', 1, /no file "\.\/no\.ts"/],
    ["an error at loading", "\n\n\nnull.x;", 4, /Cannot read properties of null/],
    ["no strategy", "export const a = 1;", null, /exports no strategy/],
    ["no warm-up", "export default { title: 'x' };", null, /params|warmup/],
    [
      "a parameter without a default",
      'import { z } from "tickdeck"; export default { title: "x", params: z.strictObject({ a: z.number() }), warmup: () => 1, decide: () => 1 };',
      null,
      /needs a default.*a:/,
    ],
  ])("says where %s is", async (_name, text, line, message) => {
    trial = await openTrial({ "broken.ts": text });
    expect(stateOf("broken.ts")).toMatchObject({
      state: "broken",
      trouble: { file: "broken.ts", line, message: expect.stringMatching(message) },
    });
    await expect(trial.decide("user:broken")).rejects.toThrow(/does not load/);
    expect(trial.library.get("user:broken")?.problem()).toMatch(/stop-loss is still watched/);
    expect(trial.library.get("user:broken")?.check({}).ok).toBe(false);
  });

  it("takes up changed, new, mended and deleted files, and reloads only what imports the change", async () => {
    trial = await openTrial({
      "one.ts": strategy("    return say(close);", 'import { say } from "./_say.ts";'),
      "_say.ts": 'export const say = (x) => ({ action: "hold", reason: `first ${x}` });',
      "two.js": HOLDS.replaceAll(/: (number|\{ period: number \})/g, ""),
    });
    expect(trial.library.list().files.map(({ file }) => file)).toEqual(["one.ts", "two.js"]);
    await expect(trial.decide("user:one")).resolves.toMatchObject({ reason: "first 5" });
    trial.notes.length = 0;
    trial.write({
      "_say.ts": 'export const say = (x) => ({ action: "hold", reason: `then ${x}` });',
    });
    await until(trial.library, () =>
      trial.notes.some((note) => note.includes("one.ts was loaded")),
    );
    await expect(trial.decide("user:one")).resolves.toMatchObject({ reason: "then 5" });
    expect(trial.notes.some((note) => note.includes("two.js"))).toBe(false);

    trial.write({ "one.ts": "oops(" });
    await until(trial.library, () => stateOf("one.ts")?.state === "broken");
    expect(trial.library.get("user:one")?.problem()).toMatch(/one\.ts:1/);
    trial.write({ "one.ts": HOLDS });
    await until(trial.library, () => stateOf("one.ts")?.state === "ready");
    await expect(trial.decide("user:one")).resolves.toMatchObject({ reason: "close 5" });

    rmSync(join(trial.folder, "one.ts"));
    await until(trial.library, () => stateOf("one.ts") === undefined);
    await expect(trial.decide("user:one")).rejects.toThrow(/not in the strategies folder any more/);
    expect(trial.library.views().some(({ id }) => id === "user:one")).toBe(false);
  });

  it("refuses two files of one name, and passes on what a strategy prints", async () => {
    trial = await openTrial({
      "twin.ts": HOLDS,
      "twin.js": HOLDS,
      "prints.ts": strategy(
        '    console.log("at", close); return { action: "hold", reason: "x" };',
      ),
    });
    expect(trial.library.list().files.find(({ id }) => id === "user:twin")).toMatchObject({
      state: "broken",
      trouble: { message: expect.stringMatching(/would have the same name/) },
    });
    await trial.decide("user:prints");
    expect(trial.notes).toContain("prints.ts printed: at 5");
  });

  it("refuses parameters and warm-ups that make no sense with the strategy's own words", async () => {
    trial = await openTrial({
      "odd.ts": strategy('    return { action: "hold", reason: "x" };').replace(
        "warmup: (params: { period: number }) => params.period",
        "warmup: () => NaN",
      ),
    });
    const signal = new AbortController().signal;
    const bot = trial.library.get("user:odd");
    await expect(bot?.plan({}, "BTC/USDT", signal)).rejects.toThrow(
      /warmup\(\) answered NaN; it must be a whole number of candles/,
    );
    await expect(bot?.plan({ period: "x" }, "BTC/USDT", signal)).rejects.toThrow(/Period is "x"/);
  });
});
