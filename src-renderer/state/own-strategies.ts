import { create } from "zustand";
import type { UserStrategiesView } from "../../src-preload/contract/strategies.ts";

/** The folder of the user's own strategies; null until somebody asked for it. */
export const useOwnStrategies = create<{ readonly view: UserStrategiesView | null }>(() => ({
  view: null,
}));
