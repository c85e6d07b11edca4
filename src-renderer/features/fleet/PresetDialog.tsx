import { Button, Checkbox, Group, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";
import { plural } from "../../format/numbers.ts";
import { ask } from "../../state/bridge.ts";

/** Explains the reference fleet and creates it. */
export default function PresetDialog({ onClose }: { readonly onClose: () => void }) {
  const [start, setStart] = useState(true);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const create = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask("bots:create-preset", { preset: "reference", start });
    setBusy(false);
    if (!answer.ok) {
      setFailure(answer.error);
      return;
    }
    const { created, existing } = answer.value;
    notifications.show({
      message: `Created ${plural(created, "bot")}${existing > 0 ? `; ${existing} existed already` : ""}.`,
    });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Create the reference fleet" size={460}>
      <p>
        Creates 45 paper bots: seven strategies on three timeframes (15m, 1h, 4h), each with 1 000
        USDT. Bots of the fleet that exist already are left as they are.
      </p>
      <p className="dim" style={{ margin: "8px 0 16px" }}>
        Started bots take their first tick 2 s apart. Each can be paused, edited or deleted
        afterwards.
      </p>
      <Checkbox
        label="Start them now"
        checked={start}
        onChange={(event) => setStart(event.currentTarget.checked)}
        data-testid="preset-start-now"
      />
      {failure ? <FailureNote failure={failure} /> : null}
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => void create()} data-testid="preset-confirm">
          {start ? "Create and start 45 bots" : "Create 45 bots"}
        </Button>
      </Group>
    </Modal>
  );
}
