import { create } from "zustand";
import type { SignalNotice } from "../../src-preload/contract/app.ts";

const KEPT = 200;

interface SignalsState {
  /** Newest first. */
  readonly notices: readonly SignalNotice[];
  readonly unseen: number;
}

export const useSignals = create<SignalsState>(() => ({ notices: [], unseen: 0 }));

/** Adds a notice at the top; one that is already there is not counted twice. */
export function addSignal(notice: SignalNotice): void {
  useSignals.setState((state) =>
    state.notices.some((known) => known.id === notice.id)
      ? state
      : { notices: [notice, ...state.notices].slice(0, KEPT), unseen: state.unseen + 1 },
  );
}

export function markSignalsSeen(): void {
  useSignals.setState({ unseen: 0 });
}
