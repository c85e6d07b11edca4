import { lazy, Suspense, useEffect, useState } from "react";

const Palette = lazy(() => import("./Palette.tsx"));

/** Ctrl+K (or ⌘K) opens the finder; it is loaded at its first use. */
export function PaletteHost() {
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpened(true);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  if (!opened) return null;
  return (
    <Suspense fallback={null}>
      <Palette onClose={() => setOpened(false)} />
    </Suspense>
  );
}
