/** First script of every utility process: sets the modules right, then runs the script asked for. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

createRequire(import.meta.url)("./redirect.cjs");
// The arguments look as if the script had been started directly.
process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1]).href);
