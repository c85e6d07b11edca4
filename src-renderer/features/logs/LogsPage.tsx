import { Button, Checkbox, MultiSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { FolderOpen, Search } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { LOG_LEVELS } from "../../../src-preload/contract/logs.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { plural } from "../../format/numbers.ts";
import { ask, listen } from "../../state/bridge.ts";
import { useBots } from "../../state/bots.ts";
import { LogList } from "./LogList.tsx";
import { numberLogs, prependLogs } from "./log-filter.ts";
import type { LogFilter, NumberedRecord } from "./log-filter.ts";
import classes from "./logs.module.css";

const LIMIT = 2000;
const EVENTS = ["tick", "engine", "scheduler", "order", "exchange", "desktop"];
const NO_FILTER: LogFilter = { levels: [], event: "", botId: "", text: "" };

async function openFolder(): Promise<void> {
  const answer = await ask("logs:open-folder", undefined);
  if (!answer.ok) {
    notifications.show({
      color: "danger",
      title: "The folder was not opened",
      message: answer.error.message,
    });
  }
}

interface LogState {
  readonly records: readonly NumberedRecord[];
  readonly file: string | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
}

/** Reads what the filter asks for, then adds new records while the tail is live. */
function useLog(filter: LogFilter, live: boolean): LogState & { readonly reload: () => void } {
  const [state, setState] = useState<LogState>({
    records: [],
    file: null,
    failure: null,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    void ask("logs:query", {
      ...(filter.levels.length > 0 ? { levels: [...filter.levels] } : {}),
      ...(filter.event === "" ? {} : { event: filter.event }),
      ...(filter.botId === "" ? {} : { botId: filter.botId }),
      ...(filter.text === "" ? {} : { text: filter.text }),
      limit: LIMIT,
    }).then((answer) => {
      if (!current) return;
      setState((old) =>
        answer.ok
          ? {
              records: numberLogs(answer.value.records),
              file: answer.value.file,
              failure: null,
              loading: false,
            }
          : { ...old, failure: answer.error, loading: false },
      );
    });
    if (!live) {
      return () => {
        current = false;
      };
    }
    const stop = listen("logs:new", (fresh) =>
      setState((old) => ({ ...old, records: prependLogs(old.records, fresh, filter) })),
    );
    return () => {
      current = false;
      stop();
    };
  }, [filter, live, turn]);
  return { ...state, reload: () => setTurn((n) => n + 1) };
}

export default function LogsPage() {
  const [filter, setFilter] = useState<LogFilter>(NO_FILTER);
  const [live, setLive] = useState(true);
  const [settled] = useDebouncedValue(filter, 200);
  const log = useLog(settled, live);
  const byId = useBots((s) => s.byId);
  const count = byId.size;
  const bots = useMemo(
    () => [
      { value: "", label: "Any bot" },
      ...[...useBots.getState().byId.values()]
        .map((bot) => ({ value: bot.id, label: bot.config.name }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    ],
    // Ticks change the map ten times a second; the list is made anew when bots come or go.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list stands for the map it is made of
    [count],
  );
  const change = (part: Partial<LogFilter>): void => setFilter((old) => ({ ...old, ...part }));
  const filtered =
    settled.levels.length > 0 ||
    settled.event !== "" ||
    settled.botId !== "" ||
    settled.text !== "";

  let content;
  if (log.loading) {
    content = <Loading rows={14} />;
  } else if (log.records.length === 0) {
    content = (
      <Empty
        title={filtered ? "No record fits the filter" : "The log is empty"}
        actions={
          filtered ? (
            <Button variant="default" onClick={() => setFilter(NO_FILTER)}>
              Show all records
            </Button>
          ) : undefined
        }
      >
        {filtered ? null : "Each tick, order and step of the engine writes one record."}
      </Empty>
    );
  } else {
    content = <LogList records={log.records} />;
  }

  return (
    <div className="page" data-testid="page-logs">
      <PageHeader
        title="Logs"
        note={<span title={log.file ?? ""}>{plural(log.records.length, "record")}</span>}
      >
        <TextInput
          aria-label="Find text in records"
          placeholder="Find"
          w={150}
          maxLength={200}
          leftSection={<Search size={14} aria-hidden="true" />}
          value={filter.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
          data-testid="log-text"
        />
        <MultiSelect
          aria-label="Levels"
          placeholder={filter.levels.length === 0 ? "Any level" : ""}
          w={170}
          data={[...LOG_LEVELS]}
          value={[...filter.levels]}
          onChange={(levels) => change({ levels })}
          data-testid="log-level"
        />
        <Select
          aria-label="Event"
          w={120}
          data={[
            { value: "", label: "Any event" },
            ...EVENTS.map((value) => ({ value, label: value })),
          ]}
          value={filter.event}
          onChange={(event) => change({ event: event ?? "" })}
          data-testid="log-event"
        />
        <Select
          aria-label="Bot"
          w={170}
          searchable
          data={bots}
          value={filter.botId}
          onChange={(botId) => change({ botId: botId ?? "" })}
          data-testid="log-bot"
        />
        <Checkbox
          label="Live"
          checked={live}
          onChange={(event) => setLive(event.currentTarget.checked)}
          data-testid="log-live"
        />
        <Button
          variant="default"
          leftSection={<FolderOpen size={14} aria-hidden="true" />}
          onClick={() => void openFolder()}
          data-testid="log-folder"
        >
          Open folder
        </Button>
      </PageHeader>
      <div className={classes.body}>
        {log.failure ? <FailureNote failure={log.failure} onRetry={log.reload} /> : null}
        {content}
      </div>
    </div>
  );
}
