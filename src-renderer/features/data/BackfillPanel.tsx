import {
  ActionIcon,
  Button,
  Checkbox,
  MultiSelect,
  Select,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { Pause, Play, X } from "lucide-react";
import { useState } from "react";
import type { BackfillState, BackfillView } from "../../../src-preload/contract/data.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { formatNumber, formatShare } from "../../format/numbers.ts";
import { formatDate } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import classes from "./data.module.css";

const STATE_WORD: Readonly<Record<BackfillState, string>> = {
  queued: "waiting",
  running: "fetching",
  paused: "paused",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};
const STATE_TONE: Readonly<Record<BackfillState, string>> = {
  queued: "dim",
  running: "info",
  paused: "warn",
  done: "gain",
  failed: "loss",
  cancelled: "dim",
};

/** What the form is asked for; kept by the page, so that the map can fill it in. */
export interface BackfillDraft {
  readonly symbols: readonly string[];
  readonly timeframe: Timeframe;
  /** "2023-01-01". */
  readonly day: string;
  readonly verify: boolean;
}

interface BackfillFormProps {
  readonly draft: BackfillDraft;
  readonly change: (part: Partial<BackfillDraft>) => void;
  readonly known: readonly string[];
}

/** Orders history: what, from when on. */
export function BackfillForm({ draft, change, known }: BackfillFormProps) {
  const symbols = useRequest("bots:symbols", undefined);
  const timeframes = useRequest("data:timeframes", undefined);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [refused, setRefused] = useState<readonly { symbol: string; reason: string }[]>([]);
  const choices = [...new Set([...known, ...(symbols.value ?? [])])].toSorted();
  const built = timeframes.value?.find(({ timeframe }) => timeframe === draft.timeframe)?.builtFrom;

  const start = async (): Promise<void> => {
    setRefused([]);
    const from = Date.parse(`${draft.day}T00:00:00Z`);
    if (!Number.isFinite(from)) {
      setFailure({
        code: "invalid",
        message: "The first day is missing; choose one.",
        field: "from",
      });
      return;
    }
    setBusy(true);
    const answer = await ask("data:backfill", {
      symbols: [...draft.symbols],
      timeframe: draft.timeframe,
      from,
      verify: draft.verify,
    });
    setBusy(false);
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok) setRefused(answer.value.refused);
  };
  const wrong = (field: string): string | null =>
    failure?.field === field ? failure.message : null;

  return (
    <Card title="Backfill" note="behind the ticks, which always go first">
      <form
        className={classes.form}
        data-testid="backfill-form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <MultiSelect
          label="Symbols"
          placeholder={draft.symbols.length === 0 ? "Choose symbols" : ""}
          data={choices}
          value={[...draft.symbols]}
          onChange={(value) => change({ symbols: value })}
          searchable
          clearable
          limit={200}
          error={wrong("symbols")}
          data-testid="backfill-symbols"
        />
        <div className={classes.two}>
          <Select
            label="Timeframe"
            data={(timeframes.value ?? []).map(({ timeframe }) => timeframe)}
            value={draft.timeframe}
            onChange={(value) => {
              const chosen = timeframes.value?.find(({ timeframe }) => timeframe === value);
              if (chosen) change({ timeframe: chosen.timeframe });
            }}
            error={wrong("timeframe")}
            data-testid="backfill-timeframe"
          />
          <TextInput
            type="date"
            label="From (UTC)"
            value={draft.day}
            onChange={(event) => change({ day: event.currentTarget.value })}
            error={wrong("from")}
            data-testid="backfill-from"
          />
        </div>
        <Checkbox
          label="Compare what is held with the exchange too"
          checked={draft.verify}
          onChange={(event) => change({ verify: event.currentTarget.checked })}
        />
        {built ? (
          <div className="dim">{`This exchange has no ${draft.timeframe} candles: they are built from ${built}.`}</div>
        ) : null}
        {failure !== null && failure.field === undefined ? <FailureNote failure={failure} /> : null}
        {refused.map(({ symbol, reason }) => (
          <div key={symbol} className="tone-warn selectable">
            {reason}
          </div>
        ))}
        <Button
          type="submit"
          disabled={draft.symbols.length === 0}
          loading={busy}
          data-testid="backfill-start"
        >
          {draft.symbols.length > 1 ? `Backfill ${draft.symbols.length} symbols` : "Backfill"}
        </Button>
      </form>
    </Card>
  );
}

/** What was ordered, how far it is, and its buttons. */
export function BackfillList() {
  const jobs = useRequest("data:backfills", undefined, { everyMs: 3000 });
  useEventThrottled("data:changed", 250, () => true, jobs.reload);
  const rows = jobs.value ?? [];
  const ended = rows.some(({ state }) => ["done", "failed", "cancelled"].includes(state));
  return (
    <Card
      title="Progress"
      note={rows.length === 0 ? undefined : `${rows.length}`}
      padded={false}
      actions={
        ended ? (
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => void ask("data:backfill-clear", undefined)}
          >
            Clear ended
          </Button>
        ) : null
      }
    >
      {jobs.failure ? <FailureNote failure={jobs.failure} onRetry={jobs.reload} /> : null}
      {jobs.loading ? <Loading rows={3} height={96} /> : null}
      {!jobs.loading && rows.length === 0 ? (
        <Empty title="Nothing is being fetched" height={96}>
          Bots fetch what they need themselves. Order older candles above.
        </Empty>
      ) : null}
      <ul className={classes.jobs} data-testid="backfills">
        {rows.map((job) => (
          <Job key={job.id} job={job} />
        ))}
      </ul>
    </Card>
  );
}

type JobVerb = "data:backfill-pause" | "data:backfill-resume" | "data:backfill-cancel";

function Job({ job }: { readonly job: BackfillView }) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const act = async (channel: JobVerb): Promise<void> => {
    const answer = await ask(channel, { ids: [job.id] });
    setFailure(answer.ok ? null : answer.error);
  };
  const name = `${job.symbol} ${job.timeframe}`;
  const active = job.state === "queued" || job.state === "running";
  const button = (channel: JobVerb, label: string, icon: React.ReactNode, testid: string) => (
    <Tooltip label={`${label} ${name}`}>
      <ActionIcon
        size={24}
        aria-label={`${label} ${name}`}
        onClick={() => void act(channel)}
        data-testid={testid}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <li className={classes.job} data-testid="backfill" data-state={job.state}>
      <div className={classes.jobHead}>
        <span className={classes.strong}>{name}</span>
        <span className="dim">from {formatDate(job.from, "utc")}</span>
        <span className="spread" />
        <span className={`tone-${STATE_TONE[job.state]}`}>{STATE_WORD[job.state]}</span>
        {active
          ? button("data:backfill-pause", "Pause", <Pause size={14} />, "backfill-pause")
          : null}
        {job.state === "paused" || job.state === "failed"
          ? button("data:backfill-resume", "Resume", <Play size={14} />, "backfill-resume")
          : null}
        {active || job.state === "paused"
          ? button("data:backfill-cancel", "Cancel", <X size={14} />, "backfill-cancel")
          : null}
      </div>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label={name}
        aria-valuenow={Math.round(job.progress * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div
          className={classes.fill}
          data-state={job.state}
          style={{ width: `${job.progress * 100}%` }}
        />
      </div>
      <div className={classes.jobFoot}>
        <span className="dim selectable">{failure === null ? job.reason : failure.message}</span>
        <span className="spread" />
        <span className={classes.num}>
          {active ? `${formatNumber(job.added, 0)} · ${formatShare(job.progress, 0)}` : ""}
        </span>
      </div>
    </li>
  );
}
