import { messageOf } from "../engine/fault.ts";
import { isTestFile, readFolder } from "./folder.ts";
import { HOST_LIMITS, StrategyError, StrategyHost } from "./host.ts";
import type { StartProcess } from "./host.ts";
import { located } from "./protocol.ts";

interface TestReport {
  readonly passed: number;
  readonly failed: number;
  /** A line a test, file names between them. */
  readonly lines: readonly string[];
}

/** A test may take longer than a tick, ms. */
const TEST_MS = 20_000;

/** Runs the folder's test files, each in the process that runs strategies; `only` is a strategy's name. */
export async function testStrategies(
  folder: string,
  only: string | null,
  start: StartProcess,
): Promise<TestReport> {
  const { sources } = readFolder(folder);
  const files = Object.keys(sources)
    .filter(isTestFile)
    .filter((file) => only === null || file.startsWith(`${only}.test.`))
    .toSorted();
  const lines: string[] = [];
  const host = new StrategyHost({
    start,
    limits: { ...HOST_LIMITS, loadMs: TEST_MS },
    onPrint: (_file, text) => lines.push(`    ${text}`),
    onStopped: () => {},
  });
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    lines.push(file);
    try {
      for (const { name, trouble } of await host.test({ file, version: "", sources })) {
        if (trouble === null) passed += 1;
        else failed += 1;
        lines.push(trouble === null ? `  ✓ ${name}` : `  ✗ ${name}\n      ${located(trouble)}`);
      }
    } catch (error) {
      failed += 1;
      lines.push(
        `  ✗ ${error instanceof StrategyError ? error.message : `${file}: ${messageOf(error)}`}`,
      );
    }
  }
  host.close();
  return { passed, failed, lines };
}
