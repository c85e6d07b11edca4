import { create } from "zustand";
import type { FleetFilter, GroupBy, Sort, SortKey } from "./rows.ts";

interface FleetState {
  readonly filter: FleetFilter;
  readonly sort: Sort;
  readonly groupBy: GroupBy;
  /** The bot whose story the side panel tells. */
  readonly selected: string | null;
  /** Bots with a tick in their checkbox. */
  readonly checked: ReadonlySet<string>;
  /** The bot whose row menu is open, and where. */
  readonly menu: { readonly id: string; readonly x: number; readonly y: number } | null;
}

/** The table's own state; it outlives the page, so that coming back finds it as it was left. */
export const useFleet = create<FleetState>(() => ({
  filter: { text: "", strategy: null, status: null },
  sort: { key: "name", descending: false },
  groupBy: "none",
  selected: null,
  checked: new Set(),
  menu: null,
}));

export function setFilter(change: Partial<FleetFilter>): void {
  useFleet.setState((state) => ({ filter: { ...state.filter, ...change } }));
}

/** Figures sort from the largest at first, words from A; the second click turns the order. */
export function toggleSort(key: SortKey, descendingFirst: boolean): void {
  useFleet.setState(({ sort }) => ({
    sort: { key, descending: sort.key === key ? !sort.descending : descendingFirst },
  }));
}

export function toggleChecked(id: string): void {
  useFleet.setState((state) => {
    const checked = new Set(state.checked);
    if (!checked.delete(id)) checked.add(id);
    return { checked };
  });
}
