import { Button, MultiSelect } from "@mantine/core";
import { useState } from "react";
import { FINDING_KINDS, type FindingKind } from "../../../src-preload/contract/data.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { formatNumber, plural } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import classes from "./data.module.css";

const KIND_WORD: Readonly<Record<FindingKind, string>> = {
  not_a_number: "not a number",
  not_positive: "zero or negative",
  wrong_order: "high below low or close",
  off_grid: "off the grid",
  duplicate: "duplicate",
  out_of_order: "out of order",
  open: "still open",
  revised: "revised",
  late: "late",
  gap: "gap",
};
const TOLD: ReadonlySet<FindingKind> = new Set(["revised", "late", "gap"]);
const PAGE = 200;

/** What was wrong with candles, newest first. */
export function FindingTable() {
  const zone = useZone();
  const [kinds, setKinds] = useState<readonly FindingKind[]>([]);
  const [limit, setLimit] = useState(PAGE);
  const found = useRequest("data:findings", { kinds: [...kinds], limit }, { everyMs: 10_000 });
  useEventThrottled("data:changed", 1000, () => true, found.reload);
  const counts = found.value?.counts ?? {};
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const choices = FINDING_KINDS.map((kind) => ({
    value: kind,
    label: `${KIND_WORD[kind]} (${formatNumber(counts[kind] ?? 0, 0)})`,
  }));
  return (
    <Card
      title="Integrity"
      note={found.value ? plural(total, "finding") : undefined}
      padded={false}
      actions={
        <MultiSelect
          w={320}
          aria-label="Kinds of findings"
          placeholder={kinds.length === 0 ? "All kinds" : ""}
          data={choices}
          value={[...kinds]}
          onChange={(value) => setKinds(FINDING_KINDS.filter((kind) => value.includes(kind)))}
          clearable
          data-testid="finding-kinds"
        />
      }
    >
      {found.failure ? <FailureNote failure={found.failure} onRetry={found.reload} /> : null}
      {found.loading ? <Loading /> : null}
      {found.value?.rows.length === 0 ? (
        <Empty
          title={kinds.length === 0 ? "Nothing was wrong" : "Nothing of this kind"}
          height={160}
        >
          Candles that are refused or revised, that come late or not at all, are listed here.
        </Empty>
      ) : null}
      {found.value && found.value.rows.length > 0 ? (
        <table className="table" data-testid="finding-table">
          <thead>
            <tr>
              <th>Last found</th>
              <th>Symbol</th>
              <th>Timeframe</th>
              <th>Candle</th>
              <th>Kind</th>
              <th className="num">Times</th>
              <th>What</th>
            </tr>
          </thead>
          <tbody>
            {found.value.rows.map((row) => (
              <tr key={row.id} data-testid="finding" data-kind={row.kind}>
                <td>{formatDateTime(row.lastFound, zone)}</td>
                <td>{row.symbol}</td>
                <td>{row.timeframe}</td>
                <td>{formatDateTime(row.candleTime, zone)}</td>
                <td className={TOLD.has(row.kind) ? "tone-warn" : "tone-loss"}>
                  {KIND_WORD[row.kind]}
                </td>
                <td className="num">{formatNumber(row.count, 0)}</td>
                <td className={`selectable ${classes.reason}`}>{row.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {found.value && found.value.rows.length === limit ? (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setLimit(limit + PAGE)} disabled={limit >= 2000}>
            Show more
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
