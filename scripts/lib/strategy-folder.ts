import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where Electron keeps the data of an application of this user, as src-main/desktop/data-folder.ts finds it there. */
function appData(): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support");
  if (process.platform === "win32")
    return process.env["APPDATA"] ?? join(homedir(), "AppData", "Roaming");
  return process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config");
}

interface Asked {
  readonly folder: string;
  /** What is no option. */
  readonly names: readonly string[];
}

/** Tickdeck's folder below the user's application data. */
const APP_NAME = "Tickdeck";

/** Reads names, `--strategies DIR`, `--data-dir DIR` and `--demo`. Throws one sentence. */
export function strategyFolder(args: readonly string[]): Asked {
  const cwd = process.env["INIT_CWD"] ?? process.cwd();
  const names: string[] = [];
  let folder = join(appData(), APP_NAME, "workspace", "strategies");
  for (let i = 0; i < args.length; i += 1) {
    const [flag = "", inline] = (args[i] ?? "").split("=", 2);
    if (!flag.startsWith("--")) {
      names.push(flag);
      continue;
    }
    if (flag === "--demo") {
      folder = join(appData(), APP_NAME, "demo", "strategies");
      continue;
    }
    const value = inline ?? args[(i += 1)];
    if (value === undefined || value === "")
      throw new Error(`${flag} needs a folder, such as ${flag} ~/tickdeck-strategies.`);
    if (flag === "--strategies") folder = resolve(cwd, value);
    else if (flag === "--data-dir") folder = resolve(cwd, value, "strategies");
    else throw new Error(`"${flag}" is unknown; use --strategies DIR, --data-dir DIR or --demo.`);
  }
  return { folder, names };
}
