import { ipcMain } from "electron";
import type { BrowserWindow } from "electron";
import { eventChannel, REQUEST_CHANNEL } from "../../src-preload/contract/channels.ts";
import type { EventChannel, Events } from "../../src-preload/contract/index.ts";
import type { Dispatch } from "../ipc/dispatch.ts";

/** Answers the window's requests through Electron's IPC; those that come early wait for the dispatch. */
export function serveRequests(dispatch: Promise<Dispatch>, own: BrowserWindow): void {
  ipcMain.handle(REQUEST_CHANNEL, async (event, channel: unknown, payload: unknown) => {
    // Null when the frame went away while its message was under way.
    const frame = event.senderFrame;
    const ownMainFrame =
      frame !== null &&
      !own.isDestroyed() &&
      event.sender === own.webContents &&
      frame === own.webContents.mainFrame;
    const answer = await dispatch;
    return answer({ page: frame?.url ?? "", ownMainFrame }, channel, payload);
  });
}

/** Sends an event to the window while it is there. */
export function sendEvent<E extends EventChannel>(
  window: BrowserWindow,
  event: E,
  payload: Events[E],
): void {
  if (window.isDestroyed() || window.webContents.isCrashed()) return;
  window.webContents.send(eventChannel(event), payload);
}
