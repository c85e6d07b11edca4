import { Button, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import type { RiskOverview } from "../../../src-preload/contract/risk.ts";
import { ask } from "../../state/bridge.ts";
import { useBots } from "../../state/bots.ts";
import { NoteDialog } from "./NoteDialog.tsx";

/** Locks a symbol for all bots by hand. */
export function LockPair({
  symbols,
  onDone,
}: Pick<RiskOverview["correlation"], "symbols"> & { readonly onDone: () => void }) {
  const byId = useBots((s) => s.byId);
  const [opened, setOpened] = useState(false);
  const [symbol, setSymbol] = useState<string | null>(null);
  const [hours, setHours] = useState<number | string>(24);
  const all = [
    ...new Set([...symbols, ...[...byId.values()].map(({ config }) => config.symbol)]),
  ].sort();
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        onClick={() => setOpened(true)}
        disabled={all.length === 0}
        data-testid="lock-pair"
      >
        Lock a symbol…
      </Button>
      {opened ? (
        <NoteDialog
          title="Lock a symbol"
          button={symbol === null ? "Lock symbol" : `Lock ${symbol}`}
          onClose={() => setOpened(false)}
          onConfirm={async (note) => {
            if (symbol === null || typeof hours !== "number") {
              const message =
                symbol === null ? "Choose the symbol to lock." : "Enter for how many hours.";
              return { ok: false, error: { code: "invalid", message } };
            }
            const answer = await ask("risk:lock-pair", { symbol, hours, note });
            if (answer.ok) onDone();
            return answer;
          }}
        >
          <p className="dim">
            No bot enters this symbol until the time is over or you reset the lock. Open positions
            are not touched.
          </p>
          <Select
            mt={8}
            label="Symbol"
            searchable
            data={all}
            value={symbol}
            onChange={setSymbol}
            data-testid="lock-symbol"
          />
          <NumberInput
            mt={8}
            label="For"
            suffix=" h"
            min={0.1}
            max={8760}
            value={hours}
            onChange={setHours}
          />
        </NoteDialog>
      ) : null}
    </>
  );
}
