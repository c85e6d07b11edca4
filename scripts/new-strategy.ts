/**
 * `npm run new-strategy -- NAME [--demo | --data-dir DIR | --strategies DIR]`: writes a commented starting point with
 * its test into the folder of one's own strategies.
 */
import { join } from "node:path";
import { messageOf } from "../src-main/engine/fault.ts";
import { createStrategy } from "../src-main/user-strategies/template/create.ts";
import { strategyFolder } from "./lib/strategy-folder.ts";

try {
  const { folder, names } = strategyFolder(process.argv.slice(2));
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw new Error("Give the new strategy one name: npm run new-strategy -- my-breakout");
  const file = createStrategy(folder, name);
  const where = process.argv.slice(2).filter((argument) => argument !== name);
  console.log(`Written: ${join(folder, file)} and its test ${name}.test.ts.`);
  console.log(`Try it:  npm run test-strategies -- ${[name, ...where].join(" ")}`);
  console.log("Tickdeck takes it up as soon as the file is saved; choose it in a bot's form.");
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
