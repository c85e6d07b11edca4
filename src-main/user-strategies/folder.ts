import { mkdirSync, readFileSync, readdirSync, statSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { join } from "node:path";
import type { Sources } from "./protocol.ts";

/** Editors write a file in several steps; changes are taken up when it has been quiet for so long, ms. */
const QUIET_MS = 150;
/** Where watching fails (a network drive, a folder that was replaced) the folder is looked at this often, ms. */
const POLL_MS = 5000;
const MOST_FILES = 500;
const MOST_BYTES = 1_000_000;
const DEPTH = 4;

const isSource = (name: string): boolean =>
  /\.(?:ts|mts|js|mjs)$/.test(name) && !/\.d\.m?ts$/.test(name);

/** Whether a file is a strategy: right in the folder, no test, no helper ("_name.ts"). */
export const isStrategyFile = (path: string): boolean =>
  /^[A-Za-z0-9][\w.-]*\.(?:ts|mts|js|mjs)$/.test(path) && !/\.test\.\w+$/.test(path);

export const isTestFile = (path: string): boolean => /^[^/]+\.test\.(?:ts|mts|js|mjs)$/.test(path);

export interface FolderContent {
  readonly sources: Sources;
  /** Files that were not read, each with the sentence why. */
  readonly refused: Readonly<Record<string, string>>;
}

/** Reads all sources of a folder; a folder that is not there has none. */
export function readFolder(folder: string): FolderContent {
  const sources: Record<string, string> = {};
  const refused: Record<string, string> = {};
  const walk = (at: string, depth: number): void => {
    let entries;
    try {
      entries = readdirSync(join(folder, at), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      if (entry.isDirectory()) {
        if (depth < DEPTH) walk(path, depth + 1);
        continue;
      }
      if (!isSource(entry.name)) continue;
      const reason = refusal(folder, path, Object.keys(sources).length);
      if (reason !== null) refused[path] = reason;
      else {
        try {
          sources[path] = readFileSync(join(folder, path), "utf8");
        } catch (error) {
          refused[path] =
            `the file could not be read: ${error instanceof Error ? error.message : String(error)}`;
        }
      }
    }
  };
  walk("", 0);
  return { sources, refused };
}

function refusal(folder: string, path: string, already: number): string | null {
  if (already >= MOST_FILES) return `the folder has more than ${MOST_FILES} source files`;
  if (!/^[\w./-]+$/.test(path))
    return "its name has other characters than letters, digits, dot, dash and underscore";
  try {
    const { size } = statSync(join(folder, path));
    return size > MOST_BYTES ? `it is larger than ${MOST_BYTES / 1e6} MB` : null;
  } catch {
    return null;
  }
}

/** Calls after something below the folder has changed and it was quiet for a moment; until the returned function is called. */
export function watchFolder(folder: string, changed: () => void): () => void {
  let watcher: FSWatcher | null = null;
  let quiet: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let stopped = false;
  const soon = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(changed, QUIET_MS);
  };
  const open = (): void => {
    watcher?.close();
    watcher = null;
    if (stopped) return;
    try {
      mkdirSync(folder, { recursive: true });
      watcher = watch(folder, { recursive: true }, soon);
      watcher.on("error", retry);
    } catch {
      retry();
    }
  };
  const retry = (): void => {
    clearTimeout(again);
    again = setTimeout(() => {
      soon();
      open();
    }, POLL_MS);
    again.unref();
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(quiet);
    clearTimeout(again);
    watcher?.close();
  };
}
