import { lazy, Suspense } from "react";
import { askKill, useKill } from "../state/kill.ts";

const KillDialog = lazy(() => import("../features/risk/KillDialog.tsx"));
const ReleaseDialog = lazy(() => import("../features/risk/ReleaseDialog.tsx"));

/** The kill switch's questions, which can be asked from every page; loaded at their first use. */
export function KillHost() {
  const asked = useKill((s) => s.asked);
  if (asked === null) return null;
  const close = (): void => askKill(null);
  return (
    <Suspense fallback={null}>
      {asked === "throw" ? <KillDialog onClose={close} /> : <ReleaseDialog onClose={close} />}
    </Suspense>
  );
}
