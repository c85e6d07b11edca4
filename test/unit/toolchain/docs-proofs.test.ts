import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/scheduling.md"), "utf8");
const home = "test/unit/engine/scheduler";

/** What a row names: a test file, at `home` unless it has a folder, and the title of a test in it. */
const proofs = [...page.matchAll(/`([\w./-]+\.test\.ts) › ([^`]+)`/g)].map(
  ([, file = "", title = ""]) => ({
    file: file.includes("/") ? file : `${home}/${file}`,
    title,
  }),
);

describe("docs/scheduling.md", () => {
  it("names a proof in each row of the comparison", () => {
    const [, rest = ""] = page.split("## Beside the others");
    const [table = ""] = rest.split("\n## ");
    const rows = table
      .split("\n")
      .filter((line) => /^\| [a-z0-9]/i.test(line) && line.split("|").length === 9);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => !row.includes(".test.ts › "))).toEqual([]);
  });

  it.each(proofs)("$file › $title", ({ file, title }) => {
    expect(existsSync(join(root, file)), `${file} is there`).toBe(true);
    expect(readFileSync(join(root, file), "utf8")).toContain(`it("${title}"`);
  });

  it("names recorded cases that exist", () => {
    const further = readFileSync(join(root, "test/conformance/further-cases.json"), "utf8");
    const recorded = join(root, "../shared/conformance/scheduler-cases.json");
    if (!existsSync(recorded)) return;
    const known = readFileSync(recorded, "utf8") + further;
    const named = [...page.matchAll(/\b[A-K]\d\d\b/g)].map(([key]) => key);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((key) => !known.includes(`"${key}"`))).toEqual([]);
  });
});
