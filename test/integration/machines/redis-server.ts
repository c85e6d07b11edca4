import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}

/** Debian's Redis on loopback, with a password, and with or without a disk. */
export class RedisServer {
  readonly #dir = mkdtempSync(join(tmpdir(), "tickdeck-redis-"));
  readonly #port: number;
  readonly #durable: boolean;
  #process: ChildProcess | null = null;

  private constructor(port: number, durable: boolean) {
    this.#port = port;
    this.#durable = durable;
  }

  static async start(options: { readonly durable?: boolean } = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options.durable === true);
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://:secret-of-redis@127.0.0.1:${this.#port}`;
  }

  get withoutPassword(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async up(): Promise<void> {
    const child = spawn(
      "redis-server",
      [
        ...["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#dir],
        ...["--requirepass", "secret-of-redis", "--save", ""],
        ...["--appendonly", this.#durable ? "yes" : "no", "--appendfsync", "always"],
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}.`)));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (text.includes("Ready to accept connections")) resolve();
      });
    });
  }

  /** Killed, not asked. */
  async down(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
