import type { TickdeckBridge } from "../src-preload/contract/index.ts";

declare global {
  interface Window {
    readonly tickdeck: TickdeckBridge;
  }
}
