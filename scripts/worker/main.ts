/** `tickdeck-worker`: computes research for desks, through Redis. `--help` says how. */
import { availableParallelism, homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../../package.json" with { type: "json" };
import { EngineFault, messageOf } from "../../src-main/engine/fault.ts";
import { Machine } from "../../src-main/machines/worker.ts";
import { forkResearchProcess } from "../../src-main/research/fork-process.ts";

const HELP = `npm run worker -- [OPTIONS]     computes research for the desks of a Redis; needs Node 24, no window

  --redis URL          redis://user:password@host:6379, or rediss:// for TLS; also from TICKDECK_REDIS_URL,
                       where the password does not show in the list of processes
  --processes N        parts computed at the same time (default: one a core, here ${availableParallelism()})
  --memory MB          most JavaScript memory of one of them (default 1024)
  --cache DIR          folder for market data (default: ~/.cache/tickdeck/worker)
  --drain SECONDS      on SIGTERM or Ctrl+C, time for what is at work (default 60)
  --help               this text
`;

const ENTRY = resolve(import.meta.dirname, "../../src-main/research-process.ts");

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new EngineFault(
      "invalid",
      `--${name} is "${text}"; give a whole number from ${least} to ${most}.`,
    );
  }
  return value;
}

function start(): void {
  const { values } = parseArgs({
    options: {
      redis: { type: "string" },
      processes: { type: "string", default: String(availableParallelism()) },
      memory: { type: "string", default: "1024" },
      cache: { type: "string", default: join(homedir(), ".cache", "tickdeck", "worker") },
      drain: { type: "string", default: "60" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const url = values.redis ?? process.env["TICKDECK_REDIS_URL"];
  if (url === undefined) {
    throw new EngineFault(
      "invalid",
      "Give the address of Redis with --redis or in TICKDECK_REDIS_URL; --help shows how.",
    );
  }
  const processes = whole("processes", values.processes, 1, 1024);
  const memory = whole("memory", values.memory, 64, 1_000_000);
  const drainMs = whole("drain", values.drain, 0, 86_400) * 1000;
  const say = (sentence: string): void => {
    process.stdout.write(`${new Date().toISOString()} ${sentence}\n`);
  };
  const machine = new Machine({
    url,
    version: packageJson.version,
    processes,
    cache: values.cache,
    spawn: () => forkResearchProcess(ENTRY, memory),
    say,
  });
  say(`Tickdeck ${packageJson.version}: ${processes} processes, waiting for work.`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    say("Finishing what is at work.");
    void machine.stop(drainMs).then(() => {
      say("Stopped.");
      process.exit(0);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
}

try {
  start();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
