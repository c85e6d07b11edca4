import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { _electron } from "playwright-core";
import type { ElectronApplication, Page } from "playwright-core";
import type {
  Channel,
  Request,
  Responses,
  TickdeckBridge,
} from "../../src-preload/contract/index.ts";
import { ensureElectron } from "../../scripts/lib/electron-runtime.mjs";

declare global {
  // The window's bridge, as the preload script puts it there.
  var tickdeck: TickdeckBridge;
}

export const root = resolve(import.meta.dirname, "../..");

export const makeDir = (): string => mkdtempSync(join(tmpdir(), "tickdeck-e2e-"));
export const dropDir = (dir: string): void => {
  rmSync(dir, { recursive: true, force: true });
};

/** Real Electron with the built app; DISPLAY must be there (npm test brings one). */
export class App {
  readonly electron: ElectronApplication;
  readonly page: Page;

  constructor(electron: ElectronApplication, page: Page) {
    this.electron = electron;
    this.page = page;
  }

  /** Starts the app on a data folder and waits for its window. */
  static async start(dataDir: string, args: readonly string[] = []): Promise<App> {
    const runtime = await ensureElectron();
    const electron = await _electron.launch({
      executablePath: runtime.executable,
      args: [...runtime.args, root, "--data-dir", dataDir, ...args],
      cwd: root,
      env: { ...process.env, TICKDECK_UNATTENDED: "1" },
      timeout: 60_000,
    });
    const page = await electron.firstWindow({ timeout: 60_000 });
    return new App(electron, page);
  }

  /** Asks main through the window's own bridge; throws the sentence of a failure. */
  async ask<C extends Channel>(channel: C, payload: Request<C>): Promise<Responses[C]> {
    const result = await this.page.evaluate(
      async ([name, body]) => globalThis.tickdeck.request(name, body as never),
      [channel, payload] as const,
    );
    if (!result.ok) throw new Error(`${channel}: ${result.error.message}`);
    return result.value as Responses[C];
  }

  /** Asks again and again until `enough` says so; the test's own time-out is the limit. */
  async until<C extends Channel>(
    channel: C,
    payload: Request<C>,
    enough: (value: Responses[C]) => boolean,
  ): Promise<Responses[C]> {
    for (;;) {
      const value = await this.ask(channel, payload);
      if (enough(value)) return value;
      await this.page.waitForTimeout(100);
    }
  }

  /** kill -9 of the main process: nothing is drained, nothing is flushed. */
  async kill(): Promise<void> {
    const gone = new Promise((done) => this.electron.process().once("exit", done));
    this.electron.process().kill("SIGKILL");
    await gone;
  }

  /** Quits as the trader does: drains. */
  async quit(): Promise<void> {
    const gone = new Promise((done) => this.electron.process().once("exit", done));
    await this.page
      .evaluate(() => globalThis.tickdeck.request("app:quit", undefined))
      .catch(() => undefined); // the window may be gone before it hears the answer
    await gone;
  }
}
