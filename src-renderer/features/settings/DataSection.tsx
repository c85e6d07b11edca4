import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { HousekeepingJob } from "../../../src-preload/contract/housekeeping.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote } from "../../components/Message.tsx";
import { formatNumber } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import type { Zone } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useSettings } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import { Field, NumberField } from "./Field.tsx";
import type { SectionProps } from "./Field.tsx";
import classes from "./settings.module.css";

const REFRESH_MS = 10_000;

const megabytes = (bytes: number): string => `${formatNumber(bytes / 1e6, 1)} MB`;

/** "Backup … written, 2026-03-01 03:15:02. Next 2026-03-02 03:15:00." */
function JobText({ job, zone }: { readonly job: HousekeepingJob; readonly zone: Zone }) {
  return (
    <div className={`${classes.text} selectable`} role="status">
      <div className={job.lastFailed ? "tone-loss" : undefined}>
        {job.lastAt === null
          ? "Not yet; it comes about a minute after the start."
          : `${job.lastFailed ? "Failed: " : ""}${job.lastResult ?? ""}`}
      </div>
      <div className={classes.help}>
        {job.running
          ? "Running now"
          : `Last ${formatDateTime(job.lastAt, zone)}, next ${formatDateTime(job.nextAt, zone)}`}
      </div>
    </div>
  );
}

/** Backups, retention and sizes of the data folder. */
export function DataSection(section: SectionProps) {
  const zone = useSettings((s) => s.settings?.timeZone ?? "utc");
  const status = useRequest("housekeeping:status", undefined, { everyMs: REFRESH_MS });
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const backUp = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const answer = await ask("housekeeping:backup", undefined);
    setBusy(false);
    if (answer.ok) notifications.show({ message: "Backup written and checked." });
    else setFailure(answer.error);
    status.reload();
  };

  const job = (name: HousekeepingJob["name"]): HousekeepingJob | undefined =>
    status.value?.jobs.find((one) => one.name === name);
  const backup = job("backup");
  const prune = job("prune");
  const backups = status.value?.backups ?? [];
  return (
    <Card title="Data" note="Housekeeping runs at night, or soon after the next start">
      <Field
        label="Backup of the ledger"
        help="Bots, orders, fills, positions; daily, kept 14 days"
      >
        <div className={classes.text} data-testid="backup">
          <Button
            variant="default"
            loading={busy || backup?.running === true}
            onClick={() => void backUp()}
            data-testid="backup-now"
          >
            Back up now
          </Button>
          {backup ? <JobText job={backup} zone={zone} /> : null}
          {backups[0] ? (
            <div className={`${classes.help} selectable`}>
              {`${backups.length} kept in ${status.value?.backupFolder ?? ""}`}
            </div>
          ) : null}
          {failure ? <FailureNote failure={failure} /> : null}
        </div>
      </Field>
      <Field
        label="Tick history"
        help="Ticks and events older than this are deleted; equity is kept by the day from then on"
      >
        <div className={classes.text}>
          <NumberField name="retentionDays" testid="retention-days" unit="days" {...section} />
          {prune ? <JobText job={prune} zone={zone} /> : null}
        </div>
      </Field>
      <Field label="Sizes" help="Logs stop growing at 100 MB">
        <table className={classes.sizes} data-testid="data-sizes">
          <tbody>
            {status.value?.sizes.map(({ name, bytes }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{megabytes(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Field>
      {status.failure ? <FailureNote failure={status.failure} onRetry={status.reload} /> : null}
    </Card>
  );
}
