import { Menu, nativeImage, Tray } from "electron";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { trayModel } from "./tray-model.ts";
import type { TrayModel, TrayState } from "./tray-model.ts";
import { KILL_LEVELS, KILL_WORDS } from "../../src-preload/contract/risk-limits.ts";
import type { KillLevel } from "../../src-preload/contract/risk-limits.ts";
import type { AppStatus } from "../../src-preload/contract/app.ts";

export interface TrayActions {
  open(): void;
  pauseAll(): void;
  resumeAll(): void;
  stopAll(): void;
  quit(): void;
  kill(level: KillLevel): void;
  /** Opens where the kill switch is released. */
  release(): void;
  checkIn(): void;
}

/** The icon beside the clock: its colour and first line tell the state. Throws where there is no tray. */
export class TrayIcon {
  readonly #tray: Tray;
  readonly #appFolder: string;
  readonly #actions: TrayActions;
  #shown: TrayModel | null = null;

  constructor(appFolder: string, actions: TrayActions) {
    this.#appFolder = appFolder;
    this.#actions = actions;
    this.#tray = new Tray(this.#image("stopped"));
    this.#tray.on("click", () => actions.open());
    this.show(null);
  }

  /** Shows the state; redraws only what changed. */
  show(status: AppStatus | null): void {
    const model = trayModel(status);
    if (this.#tray.isDestroyed() || isDeepStrictEqual(model, this.#shown)) return;
    if (model.state !== this.#shown?.state) this.#tray.setImage(this.#image(model.state));
    this.#shown = model;
    this.#tray.setToolTip(`Tickdeck: ${model.line}`);
    this.#tray.setContextMenu(this.#menu(model));
  }

  destroy(): void {
    this.#tray.destroy();
  }

  // createFromPath finds the @2x image beside it by itself.
  #image(state: TrayState) {
    return nativeImage.createFromPath(join(this.#appFolder, "resources", `tray-${state}.png`));
  }

  #menu({ line, canPause, canResume, canStop, kill, checkIn }: TrayModel): Menu {
    const actions = this.#actions;
    return Menu.buildFromTemplate([
      { label: line, enabled: false },
      { type: "separator" },
      { label: "Open Tickdeck", click: () => actions.open() },
      { type: "separator" },
      { label: "Pause all", enabled: canPause, click: () => actions.pauseAll() },
      { label: "Resume all", enabled: canResume, click: () => actions.resumeAll() },
      { label: "Stop all", enabled: canStop, click: () => actions.stopAll() },
      { type: "separator" },
      {
        label: kill === "off" ? "Kill switch" : "Kill switch is on",
        submenu: [
          ...KILL_LEVELS.map((level) => ({
            label: `${KILL_WORDS[level].label}${level === "entries" ? "" : "…"}`,
            click: () => actions.kill(level),
          })),
          { type: "separator" as const },
          { label: "Release…", enabled: kill !== "off", click: () => actions.release() },
        ],
      },
      { label: "Check in", enabled: checkIn !== null, click: () => actions.checkIn() },
      { type: "separator" },
      { label: "Quit", click: () => actions.quit() },
    ]);
  }
}
