import { Button, Group, Modal, Radio, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { KILL_LEVELS, KILL_WORDS } from "../../../src-preload/contract/risk-limits.ts";
import type { KillLevel, KillOutcome } from "../../../src-preload/contract/risk.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";
import { plural } from "../../format/numbers.ts";
import { ask } from "../../state/bridge.ts";
import { useBots } from "../../state/bots.ts";
import { useStatus } from "../../state/status.ts";
import classes from "./risk.module.css";

/** Says what came of it; what could not be done yet is listed bot by bot. */
function tell(level: KillLevel, { cancelled, closed, refused }: KillOutcome): void {
  const done = [
    KILL_WORDS[level].does.split(". ")[0] ?? "",
    ...(level === "entries" ? [] : [`${plural(cancelled, "open order")} settled`]),
    ...(level === "close" ? [`${plural(closed, "position")} closed`] : []),
  ];
  if (refused.length === 0) {
    notifications.show({ title: "Kill switch is on", message: `${done.join("; ")}.` });
    return;
  }
  const { byId } = useBots.getState();
  modals.open({
    title: `Kill switch is on; ${plural(refused.length, "bot")} not done yet`,
    children: (
      <>
        <p>Tickdeck tries again every half minute until it is done.</p>
        <ul className="selectable" style={{ margin: "8px 0 0", paddingLeft: 20 }}>
          {refused.map(({ id, reason }) => (
            <li key={id}>
              <b>{byId.get(id)?.config.name ?? id}</b>: {reason}
            </li>
          ))}
        </ul>
      </>
    ),
  });
}

/** The three choices, each with exactly what it does. */
export default function KillDialog({ onClose }: { readonly onClose: () => void }) {
  const on = useStatus((s) => s.status?.risk.kill.level ?? "off");
  const positions = useBots(
    (s) =>
      [...s.byId.values()].filter(
        ({ position }) => position.state !== "FLAT" && position.state !== "CLOSED",
      ).length,
  );
  const least = on === "off" ? 0 : KILL_LEVELS.indexOf(on);
  const [level, setLevel] = useState<KillLevel>(KILL_LEVELS[least] ?? "entries");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask("risk:kill", { level, note });
    setBusy(false);
    if (!answer.ok) {
      setFailure(answer.error);
      return;
    }
    onClose();
    tell(level, answer.value);
  };
  return (
    <Modal opened onClose={onClose} title="Kill switch" size={520}>
      <Radio.Group
        aria-label="What to do"
        value={level}
        onChange={(value) => setLevel(KILL_LEVELS.find((known) => known === value) ?? "entries")}
      >
        {KILL_LEVELS.map((choice, index) => (
          <Radio
            key={choice}
            value={choice}
            disabled={index < least}
            className={classes.choice ?? ""}
            label={<b>{KILL_WORDS[choice].label}</b>}
            description={
              choice === "close"
                ? `${KILL_WORDS[choice].does} Now: ${plural(positions, "position")}.`
                : KILL_WORDS[choice].does
            }
            data-testid={`kill-${choice}`}
          />
        ))}
      </Radio.Group>
      <TextInput
        label="Note"
        placeholder="Optional"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <p className="dim" style={{ marginTop: 12 }}>
        It stays on, through a restart too, until you release it with a note.
      </p>
      {failure ? <FailureNote failure={failure} /> : null}
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="danger"
          loading={busy}
          onClick={() => void send()}
          data-testid="kill-confirm"
        >
          {KILL_WORDS[level].button}
        </Button>
      </Group>
    </Modal>
  );
}
