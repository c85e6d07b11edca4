import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserStrategies } from "../../../src-main/user-strategies/library.ts";
import { startNodeProcess } from "../../../src-main/user-strategies/node-process.ts";
import type { StrategyInput } from "../../../src-main/engine/strategies/types.ts";
import type { CandleColumns } from "../../../src-main/engine/market/types.ts";

const HOUR = 3_600_000;
/** Short, so that a hang costs the tests little; a process on a busy machine still answers in it. */
const CALL_MS = 1500;
const MEMORY = 128 * 1024 * 1024;

/** A strategy file whose decide has this body; the candles' close is `close`. */
export const strategy = (body: string, head = ""): string => `
import { defineStrategy, fields, z } from "tickdeck";
${head}
export default defineStrategy({
  title: "Trial",
  params: z.strictObject({ period: fields.period("Period", "Candles to look over.", 5) }),
  warmup: (params: { period: number }) => params.period,
  decide(input) {
    const close: number = input.candles.close.at(-1) ?? NaN;
${body}
  },
});
`;

export const HOLDS = strategy('    return { action: "hold", reason: `close ${close}` };');

export interface Trial {
  readonly folder: string;
  readonly library: UserStrategies;
  readonly notes: string[];
  write(files: Readonly<Record<string, string>>): void;
  decide(id: string, more?: Partial<StrategyInput<Record<string, unknown>>>): Promise<unknown>;
  close(): void;
}

function candles(closes: readonly number[]): CandleColumns {
  const close = Float64Array.from(closes);
  return {
    length: close.length,
    time: close.map((_, i) => i * HOUR),
    open: close,
    high: close,
    low: close,
    close,
    volume: close,
  };
}

/** A folder with these files, loaded by a real process. */
export async function openTrial(files: Readonly<Record<string, string>>): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "tickdeck-strategies-"));
  const notes: string[] = [];
  const library = new UserStrategies({
    folder,
    start: startNodeProcess({ memoryBytes: MEMORY }),
    limits: { startMs: 20_000, loadMs: CALL_MS, callMs: CALL_MS },
    onNote: (_level, reason) => notes.push(reason),
  });
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  write(files);
  library.start();
  await library.settled();
  return {
    folder,
    library,
    notes,
    write,
    decide: async (id, more = {}) => {
      const found = library.get(id);
      if (found === undefined) throw new Error(`There is no ${id}.`);
      const own = candles([1, 2, 3, 4, 5]);
      return found.decide(
        {
          symbol: "BTC/USDT",
          timeframe: "1h",
          candles: own,
          time: 5 * HOUR,
          reference: () => null,
          metric: () => null,
          position: null,
          params: {},
          allowShort: false,
          ...more,
        },
        new AbortController().signal,
      );
    },
    close: () => {
      library.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the library changed so that `enough` holds. */
export function until(library: UserStrategies, enough: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (enough()) {
      resolve();
      return;
    }
    const stop = library.onChange(() => {
      if (!enough()) return;
      stop();
      resolve();
    });
  });
}
