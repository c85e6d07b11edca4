import { messageOf } from "../../src-main/engine/fault.ts";
import { readCases } from "./cases.ts";
import { judgeCase } from "./judge.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** Plays every case of a file; prints a line a case and the sum. Returns the exit code. */
async function main(path: string | undefined): Promise<number> {
  if (path === undefined) {
    complain("Say which file of recorded cases to play: npm run conformance -- FILE");
    return 2;
  }
  const counts = { passed: 0, failed: 0 };
  for (const c of readCases(path)) {
    const { wrong, note } = await judgeCase(c);
    const word = wrong.length === 0 ? "passed" : "failed";
    counts[word] += 1;
    say(`${word} ${c.key}: ${c.description}${note === null ? "" : ` (${note})`}`);
    for (const line of wrong) say(`  ${line}`);
  }
  say(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  complain(messageOf(error));
  process.exitCode = 2;
}
