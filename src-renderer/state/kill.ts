import { create } from "zustand";

interface KillState {
  /** Which question about the kill switch is open. */
  readonly asked: "throw" | "release" | null;
}

export const useKill = create<KillState>(() => ({ asked: null }));

export const askKill = (asked: KillState["asked"]): void => useKill.setState({ asked });
