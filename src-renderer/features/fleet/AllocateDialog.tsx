import { Button, Group, Modal, NumberInput, SegmentedControl } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import type { AllocationMethod, AllocationRow } from "../../../src-preload/contract/risk.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";
import { formatMoney, formatShare, formatSigned, plural } from "../../format/numbers.ts";
import { ask } from "../../state/bridge.ts";

interface AllocateDialogProps {
  readonly bots: readonly BotView[];
  readonly onClose: () => void;
}

const PREVIEW_AFTER_MS = 200;

/** Shares a total out among the checked bots: first shown bot by bot, then applied. */
export default function AllocateDialog({ bots, onClose }: AllocateDialogProps) {
  // What was checked as the dialog opened; a fleet that moves on behind it changes nothing here.
  const [botIds] = useState(() => bots.map(({ id }) => id));
  const [total, setTotal] = useState<number | string>(() =>
    Number(bots.reduce((sum, { config }) => sum + config.capital, 0).toFixed(2)),
  );
  const [method, setMethod] = useState<AllocationMethod>("equal");
  const [capPct, setCapPct] = useState<number | string>(40);
  const [rows, setRows] = useState<readonly AllocationRow[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      if (typeof total !== "number" || typeof capPct !== "number") {
        setRows(null);
        setFailure({ code: "invalid", message: "Enter a total and a cap." });
        return;
      }
      void ask("risk:allocate-preview", { botIds, total, method, capPct }).then((answer) => {
        if (!current) return;
        setRows(answer.ok ? answer.value : null);
        setFailure(answer.ok ? null : answer.error);
      });
    }, PREVIEW_AFTER_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [botIds, total, method, capPct]);

  const apply = async (): Promise<void> => {
    if (rows === null) return;
    setBusy(true);
    const answer = await ask("risk:allocate-apply", {
      rows: rows.map(({ botId, after }) => ({ botId, capital: after })),
    });
    setBusy(false);
    if (!answer.ok) {
      setFailure(answer.error);
      return;
    }
    notifications.show({
      message: `Changed the capital of ${plural(answer.value.changed, "bot")}.`,
    });
    onClose();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={`Allocate capital to ${plural(botIds.length, "bot")}`}
      size={720}
    >
      <Group gap={16} align="flex-end">
        <NumberInput
          label="Total"
          w={180}
          suffix=" USDT"
          min={0}
          decimalScale={2}
          value={total}
          onChange={setTotal}
          data-testid="allocate-total"
        />
        <SegmentedControl
          aria-label="How"
          value={method}
          onChange={setMethod}
          data={[
            { value: "equal", label: "Equal" },
            { value: "inverse_volatility", label: "Inverse volatility" },
          ]}
          data-testid="allocate-method"
        />
        <NumberInput
          label="Most for one bot"
          w={130}
          suffix=" %"
          min={1}
          max={100}
          value={capPct}
          onChange={setCapPct}
          data-testid="allocate-cap"
        />
      </Group>
      <p className="dim" style={{ margin: "8px 0" }}>
        {method === "equal"
          ? "Every bot gets the same."
          : "The calmer a bot's symbol, the more it gets; what the cap cuts off is shared out among the others."}{" "}
        Takes effect with each bot's next entry; open positions keep their size.
      </p>
      {failure ? <FailureNote failure={failure} /> : null}
      {rows === null ? null : (
        <div style={{ maxHeight: 320, overflow: "auto" }}>
          <table className="table" data-testid="allocate-preview">
            <thead>
              <tr>
                <th>Bot</th>
                <th className="num">Volatility, a year</th>
                <th className="num">Now, USDT</th>
                <th className="num">Then, USDT</th>
                <th className="num">Change</th>
                <th className="num">Share</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.botId}>
                  <td className="ellipsis">{row.botName}</td>
                  <td className="num">{formatShare(row.volatility)}</td>
                  <td className="num">{formatMoney(row.before)}</td>
                  <td className="num">{formatMoney(row.after)}</td>
                  <td className="num">{formatSigned(row.after - row.before, 2)}</td>
                  <td className="num">
                    {formatShare(row.share)}
                    {row.capped ? <span className="tone-warn"> cap</span> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Group justify="flex-end" mt={16} gap={8}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          loading={busy}
          disabled={rows === null}
          onClick={() => void apply()}
          data-testid="allocate-apply"
        >
          Give {plural(botIds.length, "bot")} this capital
        </Button>
      </Group>
    </Modal>
  );
}
