import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureElectron } from "../../scripts/lib/electron-runtime.mjs";
import { App, dropDir, makeDir, root } from "./app.ts";

let dir: string;
beforeEach(() => {
  dir = makeDir();
  // Nobody is there to answer a dialog.
  vi.stubEnv("TICKDECK_UNATTENDED", "1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  dropDir(dir);
});

/** Runs the app without a driver to its end. */
async function run(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const runtime = await ensureElectron();
  const child = spawn(runtime.executable, [...runtime.args, "--disable-gpu", root, ...args], {
    cwd: root,
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, out, err };
}

const logOf = (folder: string): string =>
  readFileSync(join(folder, "logs", "tickdeck.log"), "utf8");

async function withApp(
  args: readonly string[],
  work: (app: App, child: ChildProcess) => Promise<void>,
): Promise<void> {
  const app = await App.start(dir, args);
  // Kept from here: Playwright forgets the process of an app that quit.
  const child = app.electron.process();
  try {
    await work(app, child);
  } finally {
    if (child.exitCode === null && child.signalCode === null) await app.kill();
  }
}

describe("the window", () => {
  it("paints the fleet, answers through the bridge and has nothing else of the machine", async () => {
    await withApp(["--demo"], async (app) => {
      await app.page.getByTestId("bot-row").first().waitFor();
      const bots = await app.ask("bots:list", undefined);
      expect(bots).toHaveLength(45);
      const world = await app.page.evaluate(async () => {
        const blocked = async (act: () => unknown): Promise<boolean> => {
          try {
            await act();
            return false;
          } catch {
            return true;
          }
        };
        return {
          bridge: Object.keys(globalThis.tickdeck).toSorted(),
          node: ["require", "process", "module", "Buffer", "global"].filter(
            (name) => name in globalThis,
          ),
          inline: await new Promise((done) => {
            const script = document.createElement("script");
            script.textContent = "globalThis.intruder = 1";
            document.body.append(script);
            setTimeout(() => done("intruder" in globalThis), 50);
          }),
          network: await blocked(() => fetch("http://127.0.0.1:9/")),
          stream: await blocked(() =>
            globalThis.tickdeck.on("tickdeck:request" as never, () => undefined),
          ),
          unknown: await globalThis.tickdeck.request("bots:explode" as never, undefined as never),
          opened: window.open("https://example.com/") === null,
          permission: await blocked(() => navigator.mediaDevices.getUserMedia({ audio: true })),
        };
      });
      expect(world).toMatchObject({
        bridge: ["on", "request"],
        node: [],
        inline: false,
        network: true,
        stream: true,
        unknown: { ok: false, error: { code: "not_found" } },
        opened: true,
        permission: true,
      });
      const settings = await app.electron.evaluate(({ BrowserWindow }) => {
        // Not in the types: what the window was really made with.
        const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
          getLastWebPreferences(): Record<string, unknown>;
        };
        const { contextIsolation, sandbox, nodeIntegration, webviewTag, webSecurity } =
          contents.getLastWebPreferences();
        return { contextIsolation, sandbox, nodeIntegration, webviewTag, webSecurity };
      });
      expect(settings).toMatchObject({
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
      });
      await app.page.evaluate(() => {
        location.href = "https://example.com/";
      });
      await app.until(
        "logs:query",
        { text: "refused a navigation", limit: 5 },
        ({ records }) => records.length > 0,
      );
      expect(app.page.url()).toMatch(/^tickdeck:\/\/app\/index\.html/);
      await app.quit();
    });
  });

  it("answers about the schedule, keeps the machine awake while bots run, and hears of its sleep", async () => {
    await withApp(["--demo"], async (app) => {
      await app.until("app:status", undefined, ({ ticksTotal }) => ticksTotal > 50);
      const { clock } = await app.ask("app:status", undefined);
      const timeline = await app.ask("schedule:timeline", {
        from: Math.floor(clock.engineTime) - 86_400_000,
        to: Math.floor(clock.engineTime) + 14_400_000,
      });
      expect(timeline.lanes).toHaveLength(45);
      expect(timeline.lanes.some(({ marks }) => marks.fireTime.length > 0)).toBe(true);
      expect(timeline.lanes.every(({ coming }) => coming.length > 0)).toBe(true);
      const { total } = await app.ask("schedule:health", { windowMs: 86_400_000 });
      expect(total.ticks).toBeGreaterThan(40);
      const awake = (): Promise<boolean> =>
        app.electron.evaluate(({ powerSaveBlocker }) => powerSaveBlocker.isStarted(0));
      expect(await awake()).toBe(true);
      await app.electron.evaluate(({ powerMonitor }) => {
        powerMonitor.emit("suspend");
        powerMonitor.emit("resume");
      });
      await app.until(
        "logs:query",
        { text: "woke", limit: 5 },
        ({ records }) => records.length > 0,
      );
      const bots = await app.ask("bots:list", undefined);
      await app.ask("bots:stop", { ids: bots.map(({ id }) => id) });
      await app.until("app:status", undefined, (status) => status.bots.running === 0);
      await expect.poll(awake, { timeout: 5_000 }).toBe(false);
      await app.quit();
    });
  });

  it("is served with the policy in its header, from its own folder alone", async () => {
    await withApp(["--demo"], async (app) => {
      const answers = await app.electron.evaluate(async ({ session }) => {
        const paths = [
          "index.html",
          "../package.json",
          "%2e%2e/%2e%2e/package.json",
          "..%2f..%2fpackage.json",
          "x.html",
        ];
        return Promise.all(
          paths.map(async (path) => {
            const answer = await session.defaultSession.fetch(`tickdeck://app/${path}`);
            return { status: answer.status, policy: answer.headers.get("content-security-policy") };
          }),
        );
      });
      expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 404, 404]);
      const policy = answers[0]?.policy ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      await app.quit();
    });
  });
});

describe("the process", () => {
  it("outlives its window in the tray, comes back for a second start and drains on quit", async () => {
    await withApp(["--demo"], async (app, child) => {
      await app.page.getByTestId("bot-row").first().waitFor();
      await app.until(
        "logs:query",
        { text: "tray icon", limit: 1 },
        ({ records }) => records.length === 1,
      );
      const visible = (): Promise<boolean | undefined> =>
        app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      expect(await visible()).toBe(false);
      const { ticksTotal } = await app.ask("app:status", undefined);
      await app.until("app:status", undefined, (status) => status.ticksTotal > ticksTotal + 5);

      const second = await run(["--data-dir", dir]);
      expect(second).toMatchObject({ code: 0 });
      expect(second.err).toContain(`already running on ${dir}`);
      await expect.poll(visible, { timeout: 10_000 }).toBe(true);

      await app.quit();
      await expect.poll(() => child.exitCode).toBe(0);
      expect(logOf(dir)).toMatch(/"event":"engine".*"reason":"Stopped; \d+ running ticks finished/);
    });
  });

  it("drains on SIGTERM", async () => {
    await withApp(["--demo", "--hidden"], async (app, child) => {
      await app.until("app:status", undefined, (status) => status.ticksTotal > 0);
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      expect(await gone).toBe(0);
      expect(logOf(dir)).toMatch(/"reason":"Stopped; \d+ running ticks finished/);
    });
  });

  it.each(["shutdown of the machine", "end of a Windows session"])(
    "drains at the %s",
    async (what) => {
      await withApp(["--demo", "--hidden"], async (app, child) => {
        await app.until("app:status", undefined, (status) => status.ticksTotal > 0);
        const gone = new Promise((done) => child.once("exit", done));
        await app.electron
          .evaluate(({ BrowserWindow, powerMonitor }, machine) => {
            const event = { preventDefault: () => undefined };
            if (machine) powerMonitor.emit("shutdown", event);
            else BrowserWindow.getAllWindows()[0]?.emit("query-session-end", event);
          }, what.startsWith("shutdown"))
          .catch(() => undefined); // the process may be gone before it answers
        expect(await gone).toBe(0);
        expect(logOf(dir)).toMatch(/"event":"power"/);
        expect(logOf(dir)).toMatch(/"reason":"Stopped; \d+ running ticks finished/);
      });
    },
  );

  it("writes the screenshot of a page and quits by itself", async () => {
    const file = join(dir, "page.png");
    const { code, out } = await run([
      ...["--demo", "--data-dir", join(dir, "demo"), "--screenshot", file, "--route", "/logs"],
      ...["--theme", "light", "--window-size", "1280x800", "--quit-after", "18"],
    ]);
    expect(code).toBe(0);
    expect(out).toContain(`Screenshot written: ${file}`);
    const png = readFileSync(file);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 800]);
    expect(statSync(file).size).toBeGreaterThan(20_000);
  });
});

describe("bad input at the start", () => {
  const oneSentence = (err: string): string =>
    err
      .split("\n")
      .filter((line) => line !== "" && !/^\[\d+:|dbus|libnotify/.test(line))
      .join("\n");

  it("is one sentence for a flag, and nothing is opened", async () => {
    const { code, err } = await run(["--data-dir", join(dir, "never"), "--sped", "3"]);
    expect([code, oneSentence(err)]).toEqual([
      2,
      '"--sped" is not a flag of Tickdeck; --help lists them.',
    ]);
    expect(() => statSync(join(dir, "never"))).toThrow(/ENOENT/);
  });

  it("is one sentence for a speed on the system's clock", async () => {
    const { code, err } = await run(["--data-dir", dir, "--speed", "900"]);
    expect(code).toBe(1);
    expect(oneSentence(err)).toMatch(/^--speed works in time-lapse only;[^\n]*\.$/);
  });

  it("is one sentence for a corrupt database, which stays as it was", async () => {
    const garbage = "not a database, ".repeat(1000);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "ledger.db"), garbage);
    const { code, err } = await run(["--data-dir", dir]);
    expect(code).toBe(1);
    expect(oneSentence(err)).toMatch(/^\S*ledger\.db is damaged; move it away[^\n]*\.$/);
    expect(readFileSync(join(dir, "ledger.db"), "utf8")).toBe(garbage);
  });
});
