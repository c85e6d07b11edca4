import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RISK_FIELDS, RISK_GROUPS } from "../../../../src-preload/contract/risk-limits.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/risk.md"), "utf8");

describe("docs/risk.md", () => {
  it.each(Object.values(RISK_FIELDS).map((field) => [field.label, field] as const))(
    "has the default and the range of: %s",
    (label, { default: value, unit, min, max }) => {
      const figure = unit === "" ? String(value) : `${value} ${unit}`;
      expect(page).toContain(`| ${label} | ${figure} | ${min}–${max} |`);
    },
  );
  it("and the form show every limit once", () => {
    const shown = RISK_GROUPS.flatMap(({ keys }) => [...keys] as string[]);
    expect(shown.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      Object.keys(RISK_FIELDS).toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });
});
