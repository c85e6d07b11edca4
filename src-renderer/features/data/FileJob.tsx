import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type {
  FileJobState,
  FileJobView,
  FilePreview,
} from "../../../src-preload/contract/files.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";
import { formatNumber, plural } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useZone } from "../../state/settings.ts";
import classes from "./data.module.css";

const WORD: Readonly<Record<FileJobState, string>> = {
  reading: "reading",
  ready: "nothing stored yet",
  storing: "storing",
  writing: "writing",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};
const TONE: Readonly<Record<FileJobState, string>> = {
  reading: "info",
  ready: "info",
  storing: "info",
  writing: "info",
  done: "gain",
  failed: "loss",
  cancelled: "dim",
};

interface FileJobProps {
  readonly job: FileJobView;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** One file on its way: how far it is, what it would bring, and the buttons that fit. */
export function FileJob({ job, onChanged, onClose }: FileJobProps) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const act = async (
    channel: "files:store" | "files:cancel" | "files:dismiss",
    close = false,
  ): Promise<void> => {
    const answer = await ask(channel, undefined);
    setFailure(answer.ok ? null : answer.error);
    onChanged();
    if (close && answer.ok) onClose();
  };
  const { series, state, preview } = job;
  const what =
    series.kind === "candles"
      ? `${series.symbol} ${series.timeframe}`
      : [series.name.replaceAll("_", " "), series.symbol].filter(Boolean).join(" ");
  const brings = preview === null ? 0 : preview.fresh + preview.changed;
  return (
    <div className={classes.form} data-testid="file-job" data-state={state}>
      <div className={classes.jobHead}>
        <span className={`${classes.strong} ellipsis`}>{job.file}</span>
        <span className="dim">{what}</span>
        <span className="spread" />
        <span className={`tone-${TONE[state]}`}>{WORD[state]}</span>
      </div>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label={job.file}
        aria-valuenow={Math.round(job.progress * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div
          className={classes.fill}
          data-state={state}
          style={{ width: `${job.progress * 100}%` }}
        />
      </div>
      {job.reason === "" ? null : (
        <div
          className={`selectable ${state === "failed" ? "tone-loss" : ""}`}
          data-testid="file-reason"
        >
          {job.reason}
        </div>
      )}
      {preview === null ? null : <Preview preview={preview} />}
      {failure ? <FailureNote failure={failure} /> : null}
      <Group justify="flex-end" gap={8}>
        {state === "reading" || state === "writing" ? (
          <Button
            variant="default"
            onClick={() => void act("files:cancel")}
            data-testid="file-cancel"
          >
            Cancel
          </Button>
        ) : null}
        {state === "ready" ? (
          <>
            <Button
              variant="default"
              onClick={() => void act("files:cancel")}
              data-testid="file-discard"
            >
              Discard
            </Button>
            <Button
              disabled={brings === 0}
              onClick={() => void act("files:store")}
              data-testid="file-store"
            >
              {brings === 0 ? "Nothing to store" : `Store ${formatNumber(brings, 0)}`}
            </Button>
          </>
        ) : null}
        {state === "done" || state === "failed" || state === "cancelled" ? (
          <>
            <Button
              variant="default"
              onClick={() => void act("files:dismiss")}
              data-testid="file-another"
            >
              Another file
            </Button>
            <Button onClick={() => void act("files:dismiss", true)} data-testid="file-close">
              Close
            </Button>
          </>
        ) : null}
      </Group>
    </div>
  );
}

function Preview({ preview }: { readonly preview: FilePreview }) {
  const zone = useZone();
  const count = (value: number): string => formatNumber(value, 0);
  const facts: readonly (readonly [string, string, (string | undefined)?])[] = [
    ["Lines", `${count(preview.lines)} with ${preview.format}`],
    ["From, to", `${formatDateTime(preview.first, zone)} – ${formatDateTime(preview.last, zone)}`],
    ["New", count(preview.fresh)],
    ["Would replace stored ones", count(preview.changed), preview.changed > 0 ? "warn" : undefined],
    ["Stored the same already", count(preview.same)],
    ["Missing in between", count(preview.missing), preview.missing > 0 ? "warn" : undefined],
    ["Refused", count(preview.refusedCount), preview.refusedCount > 0 ? "loss" : undefined],
  ];
  return (
    <>
      <table className="table" data-testid="file-preview">
        <tbody>
          {facts.map(([name, value, tone]) => (
            <tr key={name}>
              <td className="dim">{name}</td>
              <td className={tone === undefined ? "selectable" : `selectable tone-${tone}`}>
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {preview.refused.length > 0 ? (
        <ul
          className={`${classes.refusedLines} selectable`}
          data-testid="file-refused"
          tabIndex={0}
        >
          {preview.refused.map(({ line, reason }) => (
            <li key={line}>{`Line ${line}: ${reason}`}</li>
          ))}
          {preview.refusedCount > preview.refused.length ? (
            <li className="dim">
              {`and ${plural(preview.refusedCount - preview.refused.length, "more line", "more lines")}; "npm run data -- import FILE --dry-run" names them all`}
            </li>
          ) : null}
        </ul>
      ) : null}
    </>
  );
}
