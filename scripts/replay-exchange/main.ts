import { UsageError } from "./api-error.ts";
import { HELP, parseOptions } from "./options.ts";
import { startReplayExchange } from "./server.ts";

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
  } else {
    const running = await startReplayExchange(options);
    const pace =
      options.manualClock === true
        ? "a clock set by its client"
        : `${options.speed ?? 1} times real time`;
    console.log(
      `Replay exchange at ${running.url}: ${running.description}, from ${new Date(options.from).toISOString()} at ${pace}.`,
    );
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => void running.close());
    }
    await running.closed;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
