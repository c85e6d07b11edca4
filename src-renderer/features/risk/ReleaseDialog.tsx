import { KILL_WORDS } from "../../../src-preload/contract/risk-limits.ts";
import { ask } from "../../state/bridge.ts";
import { useStatus } from "../../state/status.ts";
import { NoteDialog } from "./NoteDialog.tsx";

/** Releases the kill switch, deliberately. */
export default function ReleaseDialog({ onClose }: { readonly onClose: () => void }) {
  const level = useStatus((s) => s.status?.risk.kill.level ?? "off");
  return (
    <NoteDialog
      title="Release the kill switch?"
      button="Release kill switch"
      onClose={onClose}
      onConfirm={(note) => ask("risk:release", { note })}
    >
      <p>
        {level === "off"
          ? "It is off already. "
          : `It is on: ${KILL_WORDS[level].label.toLowerCase()}. `}
        After the release bots enter again with their next signal.
      </p>
      <p className="dim" style={{ marginTop: 8 }}>
        Positions that were closed stay closed. Breakers that are tripped stay tripped.
      </p>
    </NoteDialog>
  );
}
