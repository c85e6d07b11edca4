import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../engine/fault.ts";

export interface DataFolder {
  /** Real absolute path: the same folder is the same string, for the single-instance lock. */
  readonly path: string;
  /** Where Chromium keeps its own files. */
  readonly chromium: string;
  readonly logs: string;
  readonly windowState: string;
}

/**
 * The folder that this run keeps everything in, made when missing.
 *
 * @param usual folder of the user's own workspace; the demonstration has its own below it
 * @throws Error with one sentence
 */
export function dataFolder(usual: string, given: string | null, demo: boolean): DataFolder {
  const wanted = given ?? (demo ? join(usual, "demo") : join(usual, "workspace"));
  try {
    mkdirSync(join(wanted, "chromium"), { recursive: true });
    const path = realpathSync(wanted);
    return {
      path,
      chromium: join(path, "chromium"),
      logs: join(path, "logs"),
      windowState: join(path, "window.json"),
    };
  } catch (error) {
    throw new Error(
      `The data folder ${wanted} cannot be used (${messageOf(error)}); choose another with --data-dir or make it writable.`,
      { cause: error },
    );
  }
}
