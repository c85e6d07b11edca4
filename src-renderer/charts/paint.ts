import { useSyncExternalStore } from "react";

const ATTRIBUTES = ["data-mantine-color-scheme", "data-pnl"] as const;

/** The present value of a colour token such as "--border", for what is drawn on a canvas. */
export const cssColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: [...ATTRIBUTES] });
  return () => observer.disconnect();
}

/**
 * Names the theme and colours that the document has now. A canvas that paints again when this changes reads the new
 * tokens; the settings change before the document does, and would give it the old ones.
 */
export const usePaint = (): string =>
  useSyncExternalStore(subscribe, () =>
    ATTRIBUTES.map((name) => document.documentElement.getAttribute(name) ?? "").join(" "),
  );
