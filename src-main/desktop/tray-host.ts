import { execFile } from "node:child_process";
import { promisify } from "node:util";

const ASK = [
  "--session",
  "--print-reply",
  "--dest=org.freedesktop.DBus",
  "/org/freedesktop/DBus",
  "org.freedesktop.DBus.NameHasOwner",
  "string:org.kde.StatusNotifierWatcher",
];

/**
 * False only where it is certain that no tray icon can be seen: a Linux desktop whose session bus says that nobody
 * shows status icons (GNOME without an extension). Creating an icon there fails silently.
 */
export async function trayShown(): Promise<boolean> {
  if (process.platform !== "linux" || !process.env["DBUS_SESSION_BUS_ADDRESS"]) return true;
  try {
    const { stdout } = await promisify(execFile)("dbus-send", ASK, { timeout: 2000 });
    return !stdout.includes("boolean false");
  } catch {
    return true;
  }
}
