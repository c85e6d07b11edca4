import { contextBridge, ipcRenderer } from "electron";
import { EVENT_CHANNELS, eventChannel, REQUEST_CHANNEL } from "./contract/channels.ts";
import type { TickdeckBridge } from "./contract/index.ts";

const known: ReadonlySet<string> = new Set(EVENT_CHANNELS);

const bridge: TickdeckBridge = {
  request: (channel, payload) => ipcRenderer.invoke(REQUEST_CHANNEL, channel, payload),
  on: (channel, listener) => {
    if (!known.has(channel)) throw new Error(`There is no event stream "${channel}".`);
    // The event object stays here: it would hand ipcRenderer to the page.
    const forward = (_event: unknown, payload: Parameters<typeof listener>[0]): void =>
      listener(payload);
    ipcRenderer.on(eventChannel(channel), forward);
    return () => {
      ipcRenderer.removeListener(eventChannel(channel), forward);
    };
  },
};

contextBridge.exposeInMainWorld("tickdeck", bridge);
