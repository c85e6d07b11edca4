import { messageOf } from "../../src-main/engine/fault.ts";
import { beyondToday, isSchedulerCase, readCases } from "./cases.ts";
import { differences } from "./compare.ts";
import { play } from "./play.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** Plays every case of a file; prints a line a case and the sum. Returns the exit code. */
async function main(path: string | undefined): Promise<number> {
  if (path === undefined) {
    complain("Say which file of recorded cases to play: npm run conformance -- FILE");
    return 2;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const c of readCases(path)) {
    const beyond = beyondToday(c);
    if (beyond !== null || !isSchedulerCase(c)) {
      counts.skipped += 1;
      say(`skipped ${c.key}: ${beyond ?? ""}`);
      continue;
    }
    const wrong = await play(c).then(
      (actual) => differences(c, actual),
      (error: unknown) => [messageOf(error)],
    );
    counts[wrong.length === 0 ? "passed" : "failed"] += 1;
    say(`${wrong.length === 0 ? "passed" : "failed"} ${c.key}: ${c.description}`);
    for (const line of wrong) say(`  ${line}`);
  }
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  complain(messageOf(error));
  process.exitCode = 2;
}
