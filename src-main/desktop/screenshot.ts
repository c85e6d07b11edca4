import type { WebContents } from "electron";
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppStatus } from "../../src-preload/contract/app.ts";
import { fleetPainted } from "./painted.ts";

/** The demonstration runs this long first, so that there is something to see, real ms. */
const DEMO_MS = 12_000;
const GIVE_UP_MS = 30_000;
/** For charts to be drawn, real ms. */
const SETTLE_MS = 1500;

export interface ScreenshotOptions {
  readonly contents: WebContents;
  readonly file: string;
  readonly demo: boolean;
  readonly status: () => AppStatus | null;
  /** Opens the page that is to be seen. */
  readonly openRoute: () => void;
}

/** Writes a PNG of the window once the fleet is painted and ticks have landed. Throws with what failed. */
export async function takeScreenshot(options: ScreenshotOptions): Promise<void> {
  const { contents, file, demo, status, openRoute } = options;
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  await Promise.race([fleetPainted(contents), sleep(GIVE_UP_MS)]);
  while (elapsed() < GIVE_UP_MS) {
    const now = status();
    const landed = now !== null && (now.bots.running === 0 || now.ticksTotal > 0);
    if (landed && (!demo || elapsed() > DEMO_MS)) break;
    await sleep(100);
  }
  openRoute();
  await sleep(SETTLE_MS);
  const image = await contents.capturePage();
  if (image.isEmpty()) throw new Error("the window has no picture");
  await writeFile(file, image.toPNG());
}
