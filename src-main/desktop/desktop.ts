import { mkdirSync } from "node:fs";
import {
  app,
  dialog,
  globalShortcut,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  shell,
} from "electron";
import type { AppStatus, Settings } from "../../src-preload/contract/app.ts";
import type { KillLevel } from "../../src-preload/contract/risk.ts";
import { EngineFault, messageOf } from "../engine/fault.ts";
import { createDispatch } from "../ipc/dispatch.ts";
import type { Dispatch } from "../ipc/dispatch.ts";
import { EventPump } from "../ipc/event-pump.ts";
import type { WorkspacePort } from "../ipc/host.ts";
import { catchUp, recordEngine } from "../logging/engine-records.ts";
import { Log } from "../logging/log.ts";
import { attended, confirmed } from "./confirmed.ts";
import { chooseFile } from "./choose-file.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Flags } from "./flags.ts";
import { sendEvent } from "./ipc-transport.ts";
import { KeepAwake } from "./keep-awake.ts";
import { LoopDelay } from "./loop-delay.ts";
import { installMenu } from "./menu.ts";
import { Notices } from "./notices.ts";
import { DesktopNotifications } from "./notifications.ts";
import { PAGE } from "./page.ts";
import { traceStartup } from "./painted.ts";
import { watchPower } from "./power.ts";
import { RiskControls } from "./risk-controls.ts";
import { takeScreenshot } from "./screenshot.ts";
import { watchSessionEnd } from "./session-end.ts";
import { Shutdown } from "./shutdown.ts";
import { after, every } from "./timers.ts";
import { trayShown } from "./tray-host.ts";
import { TrayIcon } from "./tray.ts";
import type { MainWindow } from "./window.ts";
import { withTheme } from "./workspace-port.ts";
import type { DesktopWorkspace, OpenWorkspace } from "./workspace-port.ts";

/** A crash keeps at most the last tick out of the log; it is among this many newest ones. */
const CATCH_UP_TICKS = 50;
const STATUS_MS = 500;

/** Composes the desktop around one data folder: window, tray, notifications, requests and events. */
export class Desktop {
  /** Answers the window's requests. */
  readonly dispatch: Dispatch;
  readonly #flags: Flags;
  readonly #folder: DataFolder;
  readonly #log: Log;
  readonly #main: MainWindow;
  readonly #notifications: DesktopNotifications;
  readonly #notices: Notices;
  readonly #risk: RiskControls;
  readonly #pump: EventPump;
  readonly #loop = new LoopDelay();
  readonly #awake = new KeepAwake(powerSaveBlocker);
  readonly #shutdown: Shutdown;
  readonly #opened: Promise<DesktopWorkspace>;
  readonly #port: Promise<WorkspacePort>;
  #tray: TrayIcon | null = null;
  #traySeen = true;
  #workspace: DesktopWorkspace | null = null;
  readonly #stopStatus: () => void;
  #exitCode = 0;

  /** The window's requests wait until `open` has opened the data folder. */
  constructor(flags: Flags, folder: DataFolder, main: MainWindow, open: OpenWorkspace) {
    this.#flags = flags;
    this.#folder = folder;
    this.#log = new Log({ dir: folder.logs, now: Date.now });
    this.#main = main;
    main.keep({
      log: this.#log,
      onClose: () => void this.#closeWindow(),
      onShown: () => this.#pump.wake(),
    });
    this.#notifications = new DesktopNotifications(this.#log, (route) => this.navigate(route));
    this.#notices = new Notices({
      wanted: () => this.#workspace?.settings().notifySignals ?? false,
      show: (notice) => this.#notifications.show(notice),
      after,
    });
    this.#risk = new RiskControls({
      risk: () => this.#workspace?.engine.risk ?? null,
      notify: (notice) => this.#notifications.show(notice),
      navigate: (route) => this.navigate(route),
      say: (level, reason) => this.#say(level, reason),
      confirm: (question) => (attended(this.#flags) ? confirmed(question) : Promise.resolve(true)),
      shortcuts: globalShortcut,
    });
    this.#pump = new EventPump({
      send: (event, payload) => sendEvent(this.#main.window, event, payload),
      watched: () => this.#main.visible,
      botView: (id) => this.#botView(id),
      riskStatus: () => this.#workspace?.engine.risk.status() ?? null,
      after,
    });
    this.#log.onRecord((record) => this.#pump.logged(record));
    this.#shutdown = new Shutdown({
      drain: () => this.#drain(),
      exit: (code) => app.exit(code),
      failed: (error) => this.#say("error", `Quitting went wrong: ${messageOf(error)}`),
    });
    this.#opened = this.#openWorkspace(open);
    this.#port = this.#opened.then((workspace) => withTheme(workspace, flags.theme));
    // Whoever asks gets the rejection; nobody asking is no reason to end the process.
    this.#port.catch(() => undefined);
    this.#opened.then(
      () => this.#afterStart(),
      (error: unknown) => void this.#failStart(messageOf(error)),
    );
    this.dispatch = this.#makeDispatch();
    this.#listen();
    this.#makeTray(app.getAppPath());
    this.#stopStatus = every(STATUS_MS, () => this.#showStatus());
  }

  /** Brings the window to the front, on a page. */
  navigate(route: string): void {
    this.#main.show();
    sendEvent(this.#main.window, "app:navigate", { route });
  }

  show(): void {
    this.#main.show();
  }

  /** Another start on this data folder asked for it. */
  async kill(level: KillLevel): Promise<void> {
    await this.#opened;
    await this.#risk.throw(level, "command line");
  }

  async #openWorkspace(open: OpenWorkspace): Promise<DesktopWorkspace> {
    const { demo, speed, strategies } = this.#flags;
    try {
      const workspace = await open({
        dataDir: this.#folder.path,
        demo,
        ...(speed === null ? {} : { speed }),
        ...(strategies === null ? {} : { strategiesDir: strategies }),
        log: this.#log,
      });
      this.#workspace = workspace;
      this.#log.useEngineTime(() => workspace.engineTime());
      await catchUp(await workspace.engine.queries.ticks({ limit: CATCH_UP_TICKS }), this.#log);
      recordEngine(workspace.events, this.#log);
      this.#pump.attach(workspace.events);
      workspace.events.on("signal", (notice) => this.#notices.signal(notice));
      workspace.events.on("risk", (event) => this.#risk.told(event));
      // Kept before the first tick; what it asks for is done once the engine runs.
      if (this.#flags.kill !== null)
        await workspace.engine.risk.kill(this.#flags.kill, "command line");
      this.#useSettings(workspace.settings());
      await workspace.start();
      return workspace;
    } catch (error) {
      if (error instanceof EngineFault) throw error;
      throw new EngineFault("unavailable", messageOf(error));
    }
  }

  #makeDispatch(): Dispatch {
    return createDispatch({
      page: PAGE,
      log: this.#log,
      host: {
        workspace: () => this.#port,
        status: async () => this.#fullStatus(await this.#opened),
        queryLogs: (query) => this.#log.query(query),
        openLogFolder: async () => {
          const problem = await shell.openPath(this.#folder.logs);
          if (problem !== "") {
            throw new EngineFault(
              "unavailable",
              `The log folder ${this.#folder.logs} was not opened: ${problem}.`,
            );
          }
        },
        openStrategyFolder: async () => {
          const { folder } = (await this.#port).strategies.list();
          mkdirSync(folder, { recursive: true });
          const problem = await shell.openPath(folder);
          if (problem !== "")
            throw new EngineFault(
              "unavailable",
              `The folder ${folder} was not opened: ${problem}.`,
            );
        },
        chooseFile: (wish) => chooseFile(this.#main.window, wish),
        settingsChanged: (settings) => {
          this.#useSettings(settings);
          sendEvent(this.#main.window, "app:settings-changed", settings);
        },
        quit: () => app.quit(),
      },
    });
  }

  #listen(): void {
    app.on("before-quit", (event) => {
      event.preventDefault();
      this.#shutdown.request("quit", this.#exitCode);
    });
    // The bots live without a window.
    app.on("window-all-closed", () => undefined);
    app.on("activate", () => this.#main.show());
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => this.#shutdown.request("signal", this.#exitCode));
    }
    for (const name of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(name, (error: unknown) => {
        const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
        this.#log.write({
          level: "error",
          event: "desktop",
          reason: `Unexpected error: ${messageOf(error)}`,
          error: detail,
        });
      });
    }
    watchPower(this.#log, () => this.#workspace?.engine ?? null);
    watchSessionEnd(powerMonitor, this.#main.window, this.#log, () =>
      this.#shutdown.request("quit", this.#exitCode),
    );
    installMenu({
      openDataFolder: () => void shell.openPath(this.#folder.path),
      navigate: (route) => this.navigate(route),
      quit: () => app.quit(),
    });
  }

  #makeTray(appFolder: string): void {
    const all = (act: (ids: readonly string[], workspace: DesktopWorkspace) => unknown): void => {
      const workspace = this.#workspace;
      if (workspace === null) return;
      const ids = workspace.engine.bots.list().map((bot) => bot.id);
      if (ids.length > 0) act(ids, workspace);
    };
    try {
      this.#tray = new TrayIcon(appFolder, {
        open: () => this.#main.show(),
        pauseAll: () => all((ids, { engine }) => engine.bots.pause(ids)),
        resumeAll: () => all((ids, { engine }) => engine.bots.resume(ids)),
        stopAll: () => all((ids, { engine }) => engine.bots.stop(ids)),
        quit: () => app.quit(),
        kill: (level) => void this.#risk.choose(level),
        release: () => this.navigate("/risk"),
        checkIn: () => this.#risk.checkIn(),
      });
      void trayShown().then((seen) => {
        this.#traySeen = seen;
        this.#say("info", seen ? "The tray icon is shown." : "This desktop shows no tray icons.");
      });
    } catch (error) {
      this.#traySeen = false;
      this.#say("warn", `There is no tray here: ${messageOf(error)}`);
    }
  }

  #afterStart(): void {
    const { contents, flags } = { contents: this.#main.window.webContents, flags: this.#flags };
    if (flags.quitAfter !== null) after(flags.quitAfter * 1000, () => app.quit());
    if (process.env["TICKDECK_TRACE_STARTUP"] === "1") {
      traceStartup(contents).catch((error: unknown) =>
        this.#say("warn", `No start-up trace: ${messageOf(error)}`),
      );
    }
    if (flags.kill !== null) void this.#killAndQuit(flags.kill);
    const file = flags.screenshot;
    if (file === null) return;
    const openRoute = (): void => {
      if (flags.route !== null) this.navigate(flags.route);
    };
    takeScreenshot({
      contents,
      file,
      demo: flags.demo,
      status: () => this.#status(),
      openRoute,
    }).then(
      () => process.stdout.write(`Screenshot written: ${file}\n`),
      (error: unknown) => {
        this.#exitCode = 1;
        process.stderr.write(`The screenshot ${file} was not written: ${messageOf(error)}\n`);
      },
    );
  }

  /** Started for this alone: no Tickdeck ran on the data folder. */
  async #killAndQuit(level: KillLevel): Promise<void> {
    const { sentence, done } = await this.#risk.fromCommandLine(level);
    if (!done) this.#exitCode = 1;
    process.stdout.write(`${sentence}\n`);
    app.quit();
  }

  async #failStart(sentence: string): Promise<void> {
    process.stderr.write(`${sentence}\n`);
    this.#say("error", sentence);
    if (attended(this.#flags)) {
      await dialog.showMessageBox({
        type: "error",
        title: "Tickdeck",
        message: "Tickdeck could not start.",
        detail: sentence,
      });
    }
    await this.#workspace?.stop().catch(() => undefined);
    app.exit(1);
  }

  async #closeWindow(): Promise<void> {
    const workspace = this.#workspace;
    if (this.#shutdown.draining) return;
    if (workspace === null || !workspace.settings().closeToTray) {
      app.quit();
      return;
    }
    if (!this.#traySeen && attended(this.#flags)) {
      const { response } = await dialog.showMessageBox(this.#main.window, {
        type: "question",
        title: "Tickdeck",
        message: "This desktop shows no tray icons.",
        detail:
          "Minimise: the bots go on. Quit: running ticks finish, then no bot ticks until the next start.",
        buttons: ["Minimise", "Quit", "Cancel"],
        defaultId: 0,
        cancelId: 2,
      });
      if (response === 0) this.#main.window.minimize();
      if (response === 1) app.quit();
      return;
    }
    this.#main.hide();
    if (this.#main.closeNoticeShown) return;
    this.#main.closeNoticeGiven();
    this.#notifications.show({
      title: "Tickdeck runs on in the tray",
      body: "The bots go on. Open the window from the tray icon, or by starting Tickdeck again; quit from the tray's menu.",
      route: "/",
    });
  }

  async #drain(): Promise<void> {
    this.#say("info", "Quitting: no new ticks; running ticks finish.");
    this.#notices.stop();
    // A quit while the folder is still being opened waits for that: there is no half-opened state to leave behind.
    const workspace = await this.#opened.catch(() => null);
    if (workspace !== null) {
      const stopping = workspace.stop();
      this.#showStatus();
      await stopping;
    }
    this.#pump.stop();
    this.#stopStatus();
    this.#workspace = null;
    this.#awake.set(false);
    this.#risk.useShortcut(null);
    this.#tray?.destroy();
    this.#loop.stop();
    this.#main.letGo();
  }

  #useSettings(settings: Settings): void {
    const theme = this.#flags.theme ?? settings.theme;
    nativeTheme.themeSource = theme;
    this.#main.setTheme(nativeTheme.shouldUseDarkColors);
    this.#risk.useShortcut(settings.killShortcut);
  }

  #botView(id: string) {
    try {
      return this.#workspace?.engine.bots.get(id) ?? null;
    } catch (error) {
      if (!(error instanceof EngineFault))
        this.#say("error", `Bot ${id} could not be read: ${messageOf(error)}`);
      return null;
    }
  }

  #fullStatus(workspace: DesktopWorkspace): AppStatus {
    const status = workspace.status();
    return {
      ...status,
      problem: status.problem ?? this.#log.problem,
      eventLoopP99Ms: this.#loop.p99(),
      version: app.getVersion(),
    };
  }

  #status(): AppStatus | null {
    return this.#workspace === null ? null : this.#fullStatus(this.#workspace);
  }

  #showStatus(): void {
    const status = this.#status();
    if (status !== null) this.#pump.report(status);
    const keepAwake = this.#workspace?.settings().keepAwake ?? false;
    this.#awake.set(keepAwake && (status?.bots.running ?? 0) > 0);
    this.#tray?.show(status);
  }

  #say(level: "error" | "warn" | "info", reason: string): void {
    this.#log.write({ level, event: "desktop", reason });
  }
}
