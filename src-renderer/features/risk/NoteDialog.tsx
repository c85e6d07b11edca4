import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Failure, Result } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";

interface NoteDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  /** With its verb. */
  readonly button: string;
  readonly onClose: () => void;
  readonly onConfirm: (note: string) => Promise<Result<unknown>>;
}

/** A question that is answered with a note, which is kept in the history. */
export function NoteDialog({ title, children, button, onClose, onConfirm }: NoteDialogProps) {
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    const answer = await onConfirm(note);
    setBusy(false);
    if (answer.ok) onClose();
    else setFailure(answer.error);
  };
  return (
    <Modal opened onClose={onClose} title={title} size={460}>
      {children}
      <Textarea
        mt={12}
        label="Note"
        description="Kept in the history of risk"
        placeholder="Why it is safe to go on"
        autosize
        minRows={2}
        data-autofocus
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
          setFailure(null);
        }}
        data-testid="risk-note"
      />
      {failure ? <FailureNote failure={failure} /> : null}
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => void confirm()} data-testid="risk-note-confirm">
          {button}
        </Button>
      </Group>
    </Modal>
  );
}
