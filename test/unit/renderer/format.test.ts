import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  formatMoney,
  formatMs,
  formatNumber,
  formatPrice,
  formatQuantity,
  formatShare,
  formatSigned,
  plural,
  signOf,
} from "../../../src-renderer/format/numbers.ts";
import {
  formatAxisTime,
  formatCountdown,
  formatDateField,
  formatDateTime,
  formatTime,
  parseDateField,
  zoneLabel,
} from "../../../src-renderer/format/time.ts";
import { tickTone, tickWord } from "../../../src-renderer/format/words.ts";
import { makeTick } from "./make.ts";

const THIN = "\u202f";

describe("a field for a date", () => {
  it("gives back in each zone what it was given, to the minute", () => {
    const ms = Date.UTC(2026, 11, 31, 18, 45);
    expect(formatDateField(ms, "utc")).toBe("2026-12-31 18:45");
    for (const zone of ["utc", "local"] as const)
      expect(parseDateField(formatDateField(ms, zone), zone)).toBe(ms);
    expect(parseDateField(" 2026-12-31 ", "utc")).toBe(Date.UTC(2026, 11, 31));
    expect(formatDateField(null, "utc")).toBe("");
    for (const text of ["", "soon", "2026-12", "2026-02-30", "2026-13-01", "2026-12-31 25:00"])
      expect(parseDateField(text, "utc")).toBeNull();
  });
});

describe("numbers", () => {
  it("groups thousands with a thin space and keeps the column's decimals", () => {
    expect(formatMoney(1234567.5)).toBe(`1${THIN}234${THIN}567.50`);
    expect(formatMoney(0)).toBe("0.00");
  });

  it("uses the true minus sign, and a plus only where asked", () => {
    expect(formatNumber(-12.345, 2)).toBe("−12.35");
    expect(formatSigned(12.3, 1)).toBe("+12.3");
    expect(formatSigned(-0.5, 1)).toBe("−0.5");
    expect(formatMoney(-1)).not.toContain("-");
  });

  it("shows no sign on what rounds to zero", () => {
    expect(formatSigned(-0.004, 2)).toBe("0.00");
    expect(formatNumber(-0, 2)).toBe("0.00");
    expect(signOf(-0.004, 2)).toBe(0);
    expect(signOf(0.005, 2)).toBe(1);
  });

  it("never shows the unknown as zero", () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(formatMoney(value)).toBe("–");
      expect(formatSigned(value, 2)).toBe("–");
      expect(formatPrice(value)).toBe("–");
      expect(formatQuantity(value)).toBe("–");
      expect(formatShare(value)).toBe("–");
      expect(formatMs(value)).toBe("–");
      expect(signOf(value, 2)).toBe(0);
    }
  });

  it("gives small prices more decimals than large ones", () => {
    expect(formatPrice(67123.456)).toBe(`67${THIN}123.46`);
    expect(formatPrice(7.12345)).toBe("7.1235");
    expect(formatPrice(0.123456)).toBe("0.12346");
    expect(formatPrice(0.00001234)).toBe("0.00001234");
  });

  it("formats shares, milliseconds and counts", () => {
    expect(formatShare(0.9994, 2)).toBe(`99.94${THIN}%`);
    expect(formatMs(3.24)).toBe("3.2");
    expect(formatMs(75_000)).toBe(`75${THIN}000`);
    expect(plural(1, "bot")).toBe("1 bot");
    expect(plural(45, "bot")).toBe("45 bots");
  });

  it("agrees on sign between text and colour for every figure", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: -1e9, max: 1e9 }),
        fc.integer({ min: 0, max: 6 }),
        (value, decimals) => {
          const text = formatSigned(value, decimals);
          const shown = text.startsWith("+") ? 1 : text.startsWith("−") ? -1 : 0;
          expect(shown).toBe(signOf(value, decimals));
        },
      ),
    );
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("times", () => {
  const noon = Date.UTC(2024, 2, 3, 12, 4, 5);

  it("writes instants in UTC", () => {
    expect(formatTime(noon, "utc")).toBe("12:04:05");
    expect(formatDateTime(noon, "utc")).toBe("2024-03-03 12:04:05");
    expect(formatDateTime(null, "utc")).toBe("–");
    expect(formatTime(Number.NaN, "utc")).toBe("–");
  });

  it("writes instants in the computer's zone and names its distance from UTC", () => {
    vi.stubEnv("TZ", "Asia/Kolkata");
    expect(formatTime(noon, "local")).toBe("17:34:05");
    expect(zoneLabel("local", noon)).toBe("UTC+05:30");
    vi.stubEnv("TZ", "America/New_York");
    expect(zoneLabel("local", noon)).toBe("UTC−05:00");
    expect(zoneLabel("utc", noon)).toBe("UTC");
  });

  it("counts down to due", () => {
    expect(formatCountdown(null)).toBe("–");
    expect(formatCountdown(0)).toBe("due");
    expect(formatCountdown(-1)).toBe("due");
    expect(formatCountdown(1)).toBe("0:01");
    expect(formatCountdown(65_000)).toBe("1:05");
    expect(formatCountdown(3_600_000)).toBe("1:00:00");
    expect(formatCountdown(26 * 3_600_000 + 5 * 60_000)).toBe("1 d 02:05");
  });

  it("labels an axis by its span", () => {
    const hour = 3_600_000;
    expect(formatAxisTime(noon, 6 * hour, "utc")).toBe("12:04");
    expect(formatAxisTime(noon, 100 * hour, "utc")).toBe("03-03 12:04");
    expect(formatAxisTime(Date.UTC(2024, 2, 3), 100 * hour, "utc")).toBe("03-03");
    expect(formatAxisTime(noon, 1000 * hour, "utc")).toBe("03-03");
  });
});

describe("a tick's word", () => {
  it("is its result where it ran, else its outcome, in the tone of its weight", () => {
    expect(tickWord(makeTick({ result: "no_signal" }))).toBe("no signal");
    expect(tickWord(makeTick({ outcome: "missed", result: "none" }))).toBe("missed");
    expect(tickTone(makeTick({ outcome: "missed", result: "none" }))).toBe("loss");
    expect(tickTone(makeTick({ outcome: "coalesced", result: "none" }))).toBe("warn");
    expect(tickTone(makeTick({ result: "error" }))).toBe("loss");
    expect(tickTone(makeTick({ result: "entry" }))).toBe("info");
    expect(tickTone(makeTick({ result: "no_signal" }))).toBe("dim");
  });
});
