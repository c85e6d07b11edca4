/** Whether the kernel lets Chromium build its sandbox. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const SETTINGS = /** @type {const} */ ([
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  ["kernel.unprivileged_userns_clone", "0", "1"],
  ["user.max_user_namespaces", "0", "10000"],
]);

/**
 * @param {string} executable of Electron
 * @returns {string | undefined} a sentence with the remedy, when the window will probably not open
 */
export function sandboxWarning(executable) {
  if (process.platform !== "linux" || process.getuid?.() === 0) return undefined;
  const helper = join(dirname(executable), "chrome-sandbox");
  if (existsSync(helper) && statSync(helper).uid === 0 && (statSync(helper).mode & 0o4000) !== 0) {
    return undefined;
  }
  const blocked = SETTINGS.find(([name, forbidding]) => {
    const file = join("/proc/sys", ...name.split("."));
    return existsSync(file) && readFileSync(file, "utf8").trim() === forbidding;
  });
  if (!blocked) return undefined;
  const [name, , allowing] = blocked;
  return (
    "This kernel forbids the user namespaces of Chromium's sandbox; if the window does not open: " +
    `sudo sysctl -w ${name}=${allowing}`
  );
}
