import { app, protocol, session } from "electron";
import { join } from "node:path";
import { dataFolder } from "./desktop/data-folder.ts";
import type { DataFolder } from "./desktop/data-folder.ts";
import { HELP, ownArguments, parseFlags } from "./desktop/flags.ts";
import type { Flags } from "./desktop/flags.ts";
import { serveRequests } from "./desktop/ipc-transport.ts";
import { denyPermissions, registerScheme, servePage } from "./desktop/page.ts";
import { KILL_LEVELS } from "../src-preload/contract/risk-limits.ts";
import { MainWindow } from "./desktop/window.ts";
import { messageOf } from "./engine/fault.ts";

/** Opens the window, and loads and composes everything else while its process starts. */
async function open(flags: Flags, folder: DataFolder): Promise<void> {
  await app.whenReady();
  const appFolder = app.getAppPath();
  servePage(session.defaultSession, join(appFolder, "out", "renderer"));
  denyPermissions(session.defaultSession);
  const main = new MainWindow({
    appFolder,
    stateFile: folder.windowState,
    size: flags.windowSize,
    theme: flags.theme,
    // A screenshot waits for the fleet first and goes to its page then.
    route: flags.screenshot === null ? flags.route : null,
    hidden: flags.hidden || flags.kill !== null,
  });
  const loading = import("./desktop/desktop.ts").then(
    ({ Desktop }) =>
      new Desktop(flags, folder, main, async (options) => {
        const { openWorkspace } = await import("./workspace.ts");
        return openWorkspace(options);
      }),
  );
  serveRequests(
    loading.then((desktop) => desktop.dispatch),
    main.window,
  );
  const desktop = await loading;
  app.on("second-instance", (_event, _argv, _cwd, data) => {
    const asked = typeof data === "object" && data !== null ? data : {};
    const level = "kill" in asked ? KILL_LEVELS.find((known) => known === asked.kill) : undefined;
    if (level !== undefined) {
      void desktop.kill(level);
      return;
    }
    const route = "route" in asked ? asked.route : null;
    if (typeof route === "string") desktop.navigate(route);
    else desktop.show();
  });
}

function leave(sentence: string, code: number): void {
  process.stderr.write(`${sentence}\n`);
  app.exit(code);
}

/** Desktop entry: reads the flags and takes the data folder's lock. */
function start(): void {
  let flags: Flags;
  let folder: DataFolder;
  try {
    flags = parseFlags(ownArguments(process.argv, process.defaultApp ?? false), process.cwd());
    if (flags.help) {
      process.stdout.write(HELP);
      app.exit(0);
      return;
    }
    folder = dataFolder(app.getPath("userData"), flags.dataDir, flags.demo);
  } catch (error) {
    leave(messageOf(error), 2);
    return;
  }
  // The lock is Chromium's, one for each data folder; its files are below that folder too.
  app.setPath("userData", folder.chromium);
  if (!app.requestSingleInstanceLock({ route: flags.route, kill: flags.kill })) {
    if (flags.kill !== null) {
      leave(
        `The Tickdeck that runs on ${folder.path} was told to throw its kill switch (${flags.kill}); its window and its log say what came of it.`,
        0,
      );
      return;
    }
    leave(
      `Tickdeck is already running on ${folder.path}; its window was asked to come forward.`,
      0,
    );
    return;
  }
  app.setAppUserModelId("app.tickdeck");
  registerScheme(protocol);
  open(flags, folder).catch((error: unknown) =>
    leave(`Tickdeck could not start: ${messageOf(error)}`, 1),
  );
}

start();
