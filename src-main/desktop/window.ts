import { BrowserWindow, screen } from "electron";
import type { WebContents } from "electron";
import { join } from "node:path";
import { messageOf } from "../engine/fault.ts";
import type { LogEntry, LogSink } from "../logging/entry.ts";
import { MIN_HEIGHT, MIN_WIDTH } from "./flags.ts";
import { PAGE } from "./page.ts";
import { loadWindowState, onScreen, saveWindowState } from "./window-state.ts";
import type { WindowState } from "./window-state.ts";

const BACKGROUND = { dark: "#0e1116", light: "#f7f8fa" } as const;
/** A page that dies more often than this within a minute stays dead. */
const RELOADS_A_MINUTE = 3;

export interface MainWindowOptions {
  readonly appFolder: string;
  readonly stateFile: string;
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly theme: "dark" | "light" | null;
  readonly route: string | null;
  readonly hidden: boolean;
}

/** Who looks after the window. */
interface Keeper {
  readonly log: LogSink;
  /** The trader asks to close; the window itself only hides or goes with the app. */
  readonly onClose: () => void;
  /** The window came into view. */
  readonly onShown: () => void;
}

/**
 * The one window. Without node, sandboxed, and unable to leave its page. It opens before anything else is loaded; its
 * keeper comes later.
 */
export class MainWindow {
  readonly window: BrowserWindow;
  readonly #options: MainWindowOptions;
  #state: WindowState;
  #keeper: Keeper | null = null;
  #unsaid: LogEntry[] = [];
  #closing = false;
  #deaths: number[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
    this.#state = loadWindowState(options.stateFile);
    const place = onScreen(
      { ...this.#state, ...options.size },
      screen.getAllDisplays().map((display) => display.workArea),
    );
    const dark = options.theme === null ? this.#state.dark : options.theme === "dark";
    this.window = new BrowserWindow({
      width: place.width,
      height: place.height,
      ...(place.x === undefined || place.y === undefined ? {} : { x: place.x, y: place.y }),
      minWidth: MIN_WIDTH,
      minHeight: MIN_HEIGHT,
      show: false,
      title: "Tickdeck",
      icon: join(options.appFolder, "resources", "icon.png"),
      backgroundColor: dark ? BACKGROUND.dark : BACKGROUND.light,
      autoHideMenuBar: true,
      webPreferences: {
        preload: join(options.appFolder, "out", "preload", "index.cjs"),
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        spellcheck: false,
      },
    });
    if (place.maximised && options.size === null) this.window.maximize();
    this.#listen();
    confine(this.window.webContents, (reason) => this.#say("warn", reason));
    const fragment = options.route === null ? "" : `#${options.route}`;
    this.window.loadURL(`${PAGE}${fragment}`).catch((error: unknown) => {
      this.#say("error", `The window could not be loaded: ${messageOf(error)}`);
    });
  }

  /** Hands over what happens from here on, and what has happened so far. */
  keep(keeper: Keeper): void {
    this.#keeper = keeper;
    for (const entry of this.#unsaid) keeper.log.write(entry);
    this.#unsaid = [];
  }

  get visible(): boolean {
    return !this.window.isDestroyed() && this.window.isVisible() && !this.window.isMinimized();
  }

  /** True once the trader was told that closing leaves the bots running. */
  get closeNoticeShown(): boolean {
    return this.#state.closeNoticeShown;
  }

  show(): void {
    if (this.window.isDestroyed()) return;
    if (this.window.isMinimized()) this.window.restore();
    this.window.show();
    this.window.focus();
  }

  hide(): void {
    this.window.hide();
  }

  closeNoticeGiven(): void {
    this.#remember({ closeNoticeShown: true });
  }

  /** From here on closing the window closes it. */
  letGo(): void {
    this.#rememberPlace();
    this.#closing = true;
  }

  /** Remembers the theme for the background of the next start. */
  setTheme(dark: boolean): void {
    if (this.window.isDestroyed()) return;
    this.window.setBackgroundColor(dark ? BACKGROUND.dark : BACKGROUND.light);
    if (dark !== this.#state.dark) this.#remember({ dark });
  }

  #listen(): void {
    const { window } = this;
    window.once("ready-to-show", () => {
      if (!this.#options.hidden) window.show();
    });
    window.on("show", () => this.#keeper?.onShown());
    window.on("restore", () => this.#keeper?.onShown());
    window.on("close", (event) => {
      this.#rememberPlace();
      if (this.#closing) return;
      event.preventDefault();
      this.#keeper?.onClose();
    });
    window.on("hide", () => this.#rememberPlace());
    window.webContents.on("render-process-gone", (_event, details) => {
      const now = Date.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
      const again = this.#deaths.length <= RELOADS_A_MINUTE && details.reason !== "clean-exit";
      this.#say(
        "error",
        `The window's process ended (${details.reason}); the bots run on. ${again ? "It is loaded again." : "Quit from the tray and start again to see it."}`,
      );
      if (again) window.webContents.reload();
    });
    window.webContents.on("preload-error", (_event, _path, error) => {
      this.#say("error", `The bridge did not load: ${error.message}`);
    });
  }

  #rememberPlace(): void {
    if (this.window.isDestroyed()) return;
    const { x, y, width, height } = this.window.getNormalBounds();
    this.#remember({ x, y, width, height, maximised: this.window.isMaximized() });
  }

  #remember(change: Partial<WindowState>): void {
    this.#state = { ...this.#state, ...change };
    try {
      saveWindowState(this.#options.stateFile, this.#state);
    } catch (error) {
      this.#say("warn", `The window's place was not kept: ${messageOf(error)}`);
    }
  }

  #say(level: LogEntry["level"], reason: string): void {
    const entry: LogEntry = { level, event: "desktop", reason };
    if (this.#keeper === null) this.#unsaid.push(entry);
    else this.#keeper.log.write(entry);
  }
}

/** Keeps a page where it is: no navigation, no second window, no guest page. */
function confine(contents: WebContents, say: (reason: string) => void): void {
  const refuse = (what: string, url: string): void =>
    say(`Refused ${what} to ${url.slice(0, 200)}`);
  contents.on("will-navigate", (event) => {
    if (event.url.split("#", 1)[0] === PAGE) return;
    event.preventDefault();
    refuse("a navigation", event.url);
  });
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-frame-navigate", (event) => {
    if (event.isMainFrame) return;
    event.preventDefault();
    refuse("a frame's navigation", event.url);
  });
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    refuse("a new window", url);
    return { action: "deny" };
  });
}
