import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UserStrategies } from "../../../src-main/user-strategies/library.ts";
import { startNodeProcess } from "../../../src-main/user-strategies/node-process.ts";
import { prelude } from "../../../src-main/user-strategies/process/prelude.ts";
import { makeTests } from "../../../src-main/user-strategies/process/tests.ts";
import { STRATEGY_LIMITS } from "../../../src-main/user-strategies/protocol.ts";
import { TYPES } from "../../../src-main/user-strategies/template/types.ts";

const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);
const script = (name: string, ...args: readonly string[]) =>
  run(process.execPath, [join(root, "scripts", `${name}.ts`), ...args], { cwd: root }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );

describe("npm run new-strategy", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tickdeck-new-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("writes a strategy whose test passes, whose types hold and which loads", async () => {
    const made = await script("new-strategy", "my-breakout", "--strategies", folder);
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining("my-breakout.ts") });
    expect(readdirSync(folder).toSorted()).toEqual([
      "my-breakout.test.ts",
      "my-breakout.ts",
      "tickdeck.d.ts",
      "tsconfig.json",
    ]);
    const [tested, typed] = await Promise.all([
      script("test-strategies", "my-breakout", "--strategies", folder),
      run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]),
    ]);
    expect(tested).toMatchObject({
      code: 0,
      output: expect.stringContaining("3 passed, 0 failed"),
    });
    expect(typed.stdout).toBe("");

    const library = new UserStrategies({
      folder,
      start: startNodeProcess(STRATEGY_LIMITS),
      onNote: () => {},
    });
    library.start();
    await library.settled();
    expect(library.views().find(({ id }) => id === "user:my-breakout")).toMatchObject({
      title: "My breakout",
      fields: [{ key: "period" }, { key: "atrPeriod" }, { key: "stopAtr", default: 2 }],
    });
    library.close();
  });

  it("says which test fails, where, and ends with 1", async () => {
    await script("new-strategy", "mine", "--strategies", folder);
    writeFileSync(
      join(folder, "mine.test.ts"),
      'import { equal, test } from "tickdeck/test";\n\ntest("sums", () => {\n  equal(1 + 1, 3);\n});\n',
    );
    const { code, output } = await script("test-strategies", "--strategies", folder);
    expect(code).toBe(1);
    expect(output).toMatch(/✗ sums\n\s+mine\.test\.ts:4:3: expected 3, got 2/);
  });

  it("refuses a name that is taken or cannot be one, and writes nothing", async () => {
    await script("new-strategy", "mine", "--strategies", folder);
    const before = readdirSync(folder).length;
    for (const [name, sentence] of [
      ["mine", /mine\.ts in .* already/],
      ["../up", /cannot be a strategy's/],
      ["My Own", /cannot be a strategy's/],
    ] as const) {
      const { code, output } = await script("new-strategy", name, "--strategies", folder);
      expect(code).toBe(2);
      expect(output).toMatch(sentence);
    }
    expect(readdirSync(folder)).toHaveLength(before);
  });

  it("tells an editor of exactly what can be imported", () => {
    const named = (module: string): string[] => {
      const text = TYPES.split(`declare module "${module}" {`)[1]?.split("\n}\n")[0] ?? "";
      return [...text.matchAll(/^ {2}export (?:function|const) (\w+)/gm)].map(
        ([, name]) => name ?? "",
      );
    };
    expect(named("tickdeck").toSorted()).toEqual(Object.keys(prelude).toSorted());
    expect(named("tickdeck/test").toSorted()).toEqual(Object.keys(makeTests().exports).toSorted());
    for (const group of ["fields", "indicators", "settled"] as const) {
      for (const name of Object.keys(prelude[group]))
        expect(TYPES).toMatch(new RegExp(`\\b${name}[(<]`));
    }
  });
});
