/**
 * `npm run test-strategies [-- NAME] [--demo | --data-dir DIR | --strategies DIR]`: runs the tests of one's own
 * strategies in the process that runs the strategies themselves.
 */
import { messageOf } from "../src-main/engine/fault.ts";
import { startNodeProcess } from "../src-main/user-strategies/node-process.ts";
import { STRATEGY_LIMITS } from "../src-main/user-strategies/protocol.ts";
import { testStrategies } from "../src-main/user-strategies/test-run.ts";
import { strategyFolder } from "./lib/strategy-folder.ts";

try {
  const { folder, names } = strategyFolder(process.argv.slice(2));
  const report = await testStrategies(folder, names[0] ?? null, startNodeProcess(STRATEGY_LIMITS));
  if (report.passed + report.failed === 0)
    throw new Error(`There are no tests of ${names[0] ?? "strategies"} in ${folder}.`);
  for (const line of report.lines) console.log(line);
  console.log(`${report.passed} passed, ${report.failed} failed`);
  process.exitCode = report.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
