import { create } from "zustand";
import type { BotView } from "../../../src-preload/contract/bots.ts";

export type BotFormRequest =
  | { readonly mode: "create" }
  | { readonly mode: "edit"; readonly bot: BotView }
  | { readonly mode: "clone"; readonly bot: BotView };

interface BotFormState {
  readonly request: BotFormRequest | null;
  /** Counts openings, so that each one starts with fresh fields. */
  readonly serial: number;
}

export const useBotForm = create<BotFormState>(() => ({ request: null, serial: 0 }));

export function openBotForm(request: BotFormRequest): void {
  useBotForm.setState((state) => ({ request, serial: state.serial + 1 }));
}

export function closeBotForm(): void {
  useBotForm.setState({ request: null });
}
