import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolder } from "../../../src-main/desktop/data-folder.ts";
import { Shutdown } from "../../../src-main/desktop/shutdown.ts";
import {
  loadWindowState,
  onScreen,
  saveWindowState,
} from "../../../src-main/desktop/window-state.ts";
import { withTheme } from "../../../src-main/desktop/workspace-port.ts";
import type { DesktopWorkspace } from "../../../src-main/desktop/workspace-port.ts";
import type { Settings } from "../../../src-preload/contract/app.ts";
import { settings } from "../ipc/support.ts";

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "tickdeck-desktop-")));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe("dataFolder", () => {
  it("keeps the trader's, the demonstration's and a chosen folder apart", () => {
    expect(dataFolder(dir, null, false).path).toBe(join(dir, "workspace"));
    expect(dataFolder(dir, null, true).path).toBe(join(dir, "demo"));
    expect(dataFolder(dir, join(dir, "mine"), true).path).toBe(join(dir, "mine"));
  });

  it("knows a folder by any of its names", () => {
    const { path } = dataFolder(dir, join(dir, "real"), false);
    symlinkSync(path, join(dir, "alias"));
    expect(dataFolder(dir, join(dir, "alias"), false).path).toBe(path);
  });

  it("says in one sentence when it cannot be used", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => dataFolder(dir, join(dir, "file"), false)).toThrow(
      /^The data folder .*file cannot be used \(.*\); choose another with --data-dir or make it writable\.$/,
    );
  });
});

describe("window state", () => {
  const state = {
    width: 1200,
    height: 800,
    x: 10,
    y: 20,
    maximised: false,
    dark: false,
    closeNoticeShown: true,
  };

  it("is remembered", () => {
    saveWindowState(join(dir, "window.json"), state);
    expect(loadWindowState(join(dir, "window.json"))).toEqual(state);
  });

  const broken = ["", "null", "[]", '{"width":-5,"height":"tall","x":1e99,"dark":"no"}', "{"];
  for (const text of broken) {
    it(`starts anew from ${JSON.stringify(text)}`, () => {
      writeFileSync(join(dir, "window.json"), text);
      const first = loadWindowState(join(dir, "none.json"));
      expect(loadWindowState(join(dir, "window.json"))).toEqual(first);
      expect(first).toMatchObject({ width: 1440, height: 900, dark: true });
    });
  }

  it("forgets a place that no screen shows", () => {
    const screen = { x: 0, y: 0, width: 1920, height: 1080 };
    expect(onScreen(state, [screen])).toEqual(state);
    const { x: _x, y: _y, ...unplaced } = state;
    for (const place of [
      { x: 1900, y: 20 },
      { x: -1190, y: 20 },
      { x: 10, y: -40 },
      { x: 10, y: 1070 },
    ]) {
      expect(onScreen({ ...state, ...place }, [screen])).toEqual(unplaced);
    }
    expect(onScreen({ ...state, x: 2000 }, [screen, { ...screen, x: 1920 }])).toMatchObject({
      x: 2000,
    });
  });
});

describe("Shutdown", () => {
  function rig() {
    const exits: number[] = [];
    const failures: unknown[] = [];
    const drain = { resolve: (): void => {}, reject: (_error: Error): void => {} };
    const drained = new Promise<void>((resolve, reject) =>
      Object.assign(drain, { resolve, reject }),
    );
    let drains = 0;
    const shutdown = new Shutdown({
      drain: () => {
        drains += 1;
        return drained;
      },
      exit: (code) => void exits.push(code),
      failed: (error) => void failures.push(error),
    });
    return { shutdown, exits, failures, drain, drains: () => drains };
  }
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  };

  it("drains once and leaves with the code asked for", async () => {
    const { shutdown, exits, drain, drains } = rig();
    shutdown.request("quit", 3);
    shutdown.request("quit");
    expect(shutdown.draining).toBe(true);
    expect(exits).toEqual([]);
    drain.resolve();
    await settle();
    expect([drains(), exits]).toEqual([1, [3]]);
  });

  it("is forced by a second signal", () => {
    const { shutdown, exits } = rig();
    shutdown.request("signal");
    shutdown.request("signal");
    expect(exits).toEqual([1]);
  });

  it("leaves with an error when the drain fails", async () => {
    const { shutdown, exits, failures, drain } = rig();
    shutdown.request("quit");
    drain.reject(new Error("disk"));
    await settle();
    expect([exits, failures.length]).toEqual([[1], 1]);
  });
});

describe("withTheme", () => {
  it("shows another theme without keeping it, unless it was changed in the window", async () => {
    let stored: Settings = { ...settings, theme: "dark" };
    const workspace = {
      settings: () => stored,
      saveSettings: async (next: Settings) => {
        stored = next;
        return next;
      },
    } as unknown as DesktopWorkspace; // the parts that a theme touches
    const shown = withTheme(workspace, "light");
    expect(shown.settings().theme).toBe("light");
    expect(await shown.saveSettings({ ...shown.settings(), density: "compact" })).toMatchObject({
      theme: "light",
    });
    expect(stored).toMatchObject({ theme: "dark", density: "compact" });
    expect(await shown.saveSettings({ ...shown.settings(), theme: "system" })).toMatchObject({
      theme: "system",
    });
    expect(stored.theme).toBe("system");
    expect(withTheme(workspace, null)).toBe(workspace);
  });
});
