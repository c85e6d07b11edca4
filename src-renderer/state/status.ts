import { create } from "zustand";
import type { AppStatus } from "../../src-preload/contract/app.ts";

interface StatusState {
  readonly status: AppStatus | null;
}

/** The last status that the engine sent; null before the first. */
export const useStatus = create<StatusState>(() => ({ status: null }));
