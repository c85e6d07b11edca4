import type { AppStatus, Settings } from "../../src-preload/contract/app.ts";
import type { EventBus } from "../engine/event-bus.ts";
import type { EngineEvents } from "../engine/events.ts";
import type { DrainReport } from "../engine/scheduler/types.ts";
import type { WorkspacePort } from "../ipc/host.ts";
import type { LogSink } from "../logging/entry.ts";

/** An opened data folder, as the desktop runs it. */
export interface DesktopWorkspace extends WorkspacePort {
  readonly engine: WorkspacePort["engine"] & {
    /** The system goes to sleep. */
    suspended(): void;
    /** The system woke. */
    resumed(): void;
  };
  readonly events: Pick<EventBus<EngineEvents>, "on">;
  /** Engine time, ms UTC. */
  engineTime(): number;
  /** Recovery; resumes the bots that were running. */
  start(): Promise<void>;
  /** Drains and closes the stores. */
  stop(): Promise<DrainReport>;
  status(): Omit<AppStatus, "eventLoopP99Ms" | "version">;
}

export type OpenWorkspace = (options: {
  readonly dataDir: string;
  readonly demo: boolean;
  readonly speed?: number;
  readonly strategiesDir?: string;
  readonly log: LogSink;
}) => Promise<DesktopWorkspace>;

/**
 * The workspace as a window with another theme of this run sees it. Saving settings keeps the stored theme unless it was
 * changed in the window.
 */
export function withTheme(
  workspace: DesktopWorkspace,
  theme: "dark" | "light" | null,
): WorkspacePort {
  if (theme === null) return workspace;
  let shown: Settings["theme"] = theme;
  return {
    get engine() {
      return workspace.engine;
    },
    get strategies() {
      return workspace.strategies;
    },
    get metrics() {
      return workspace.metrics;
    },
    get files() {
      return workspace.files;
    },
    settings: () => ({ ...workspace.settings(), theme: shown }),
    saveSettings: async (next) => {
      const kept = next.theme === shown ? workspace.settings().theme : next.theme;
      const saved = await workspace.saveSettings({ ...next, theme: kept });
      shown = next.theme;
      return { ...saved, theme: shown };
    },
    setSpeed: (speed) => workspace.setSpeed(speed),
    exchangeIds: () => workspace.exchangeIds(),
    testExchange: (source) => workspace.testExchange(source),
    housekeeping: () => workspace.housekeeping(),
    backup: () => workspace.backup(),
  };
}
