import { Button } from "@mantine/core";
import { useState } from "react";
import type { BreakerView } from "../../../src-preload/contract/risk.ts";
import { Empty } from "../../components/Message.tsx";
import { formatDateTime } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useZone } from "../../state/settings.ts";
import { NoteDialog } from "./NoteDialog.tsx";
import { KIND_WORDS } from "./words.ts";

interface BreakersProps {
  readonly breakers: readonly BreakerView[];
  readonly onReset: () => void;
}

/** Limits that were reached; a reset asks for a note. */
export function Breakers({ breakers, onReset }: BreakersProps) {
  const zone = useZone();
  const [asked, setAsked] = useState<BreakerView | null>(null);
  const drawdown = asked?.kind === "bot_drawdown" || asked?.kind === "portfolio_drawdown";
  return (
    <>
      {breakers.length === 0 ? (
        <Empty title="No breaker is tripped" height={64} />
      ) : (
        <table className="table" data-testid="breakers">
          <thead>
            <tr>
              <th>Breaker</th>
              <th>Of</th>
              <th>Why</th>
              <th>Since</th>
              <th>Ends</th>
              <th aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {breakers.map((breaker) => (
              <tr key={breaker.id} data-testid="breaker">
                <td>{KIND_WORDS[breaker.kind]}</td>
                <td>{breaker.scopeLabel}</td>
                <td className="wrap">{breaker.reason}</td>
                <td>{formatDateTime(breaker.trippedAt, zone)}</td>
                <td>{breaker.until === null ? "by reset" : formatDateTime(breaker.until, zone)}</td>
                <td className="num">
                  <Button
                    variant="default"
                    size="compact-xs"
                    onClick={() => setAsked(breaker)}
                    data-testid="breaker-reset"
                  >
                    Reset…
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asked ? (
        <NoteDialog
          title={`Reset ${KIND_WORDS[asked.kind].toLowerCase()}, ${asked.scopeLabel}?`}
          button="Reset breaker"
          onClose={() => setAsked(null)}
          onConfirm={async (note) => {
            const answer = await ask("risk:reset-breaker", { id: asked.id, note });
            if (answer.ok) onReset();
            return answer;
          }}
        >
          <p>{asked.reason}</p>
          <p style={{ marginTop: 8 }}>
            Entries are allowed again
            {drawdown ? ", and the drawdown counts anew from today's equity" : ""}.
          </p>
        </NoteDialog>
      ) : null}
    </>
  );
}
