import { Button, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import type { FireOutcome, TickResult } from "../../../src-preload/contract/ticks.ts";
import { Card } from "../../components/Card.tsx";
import { Empty, FailureNote, Loading } from "../../components/Message.tsx";
import { TickTable } from "../../components/TickTable.tsx";
import { plural } from "../../format/numbers.ts";
import { OUTCOME_WORD, RESULT_WORD } from "../../format/words.ts";
import { useBots } from "../../state/bots.ts";
import { useEventThrottled, useRequest } from "../../state/use-request.ts";
import classes from "./schedule.module.css";

const STEP = 100;
const MOST = 1000;

const choices = (words: Readonly<Record<string, string>>, any: string) => [
  { value: "", label: any },
  ...Object.entries(words).map(([value, label]) => ({ value, label })),
];
const OUTCOMES = choices(OUTCOME_WORD, "Any outcome");
const RESULTS = choices(RESULT_WORD, "Any result");

/** The latest ticks of all bots, by outcome, result and bot. */
export function TickList() {
  const [outcome, setOutcome] = useState<FireOutcome | "">("");
  const [result, setResult] = useState<TickResult | "">("");
  const [botId, setBotId] = useState("");
  const [limit, setLimit] = useState(STEP);
  const byId = useBots((s) => s.byId);
  const ids = useMemo(() => [...byId.keys()].join(" "), [byId]);
  const bots = useMemo(
    () => [
      { value: "", label: "Any bot" },
      ...[...useBots.getState().byId.values()]
        .map((bot) => ({ value: bot.id, label: bot.config.name }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    ],
    // Ticks change the map ten times a second; the names change with the ids.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list stands for the map it is made of
    [ids],
  );
  const ticks = useRequest("ticks:list", {
    ...(outcome === "" ? {} : { outcomes: [outcome] }),
    ...(result === "" ? {} : { results: [result] }),
    ...(botId === "" ? {} : { botId }),
    limit,
  });
  useEventThrottled("ticks:new", 1000, () => true, ticks.reload);
  const filtered = outcome !== "" || result !== "" || botId !== "";
  const clear = (): void => {
    setOutcome("");
    setResult("");
    setBotId("");
  };

  return (
    <Card
      title="Latest ticks"
      note={ticks.value ? plural(ticks.value.length, "tick") : null}
      padded={false}
      actions={
        <>
          <Select
            aria-label="Outcome"
            w={124}
            data={OUTCOMES}
            value={outcome}
            onChange={(value) => setOutcome((value ?? "") as FireOutcome | "")}
            data-testid="tick-outcome"
          />
          <Select
            aria-label="Result"
            w={124}
            data={RESULTS}
            value={result}
            onChange={(value) => setResult((value ?? "") as TickResult | "")}
            data-testid="tick-result"
          />
          <Select
            aria-label="Bot"
            w={200}
            searchable
            data={bots}
            value={botId}
            onChange={(value) => setBotId(value ?? "")}
            data-testid="tick-bot"
          />
        </>
      }
    >
      {ticks.failure ? <FailureNote failure={ticks.failure} onRetry={ticks.reload} /> : null}
      {ticks.loading ? <Loading /> : null}
      {ticks.value?.length === 0 ? (
        <Empty
          title={filtered ? "No tick fits the filter" : "No ticks yet"}
          actions={
            filtered ? (
              <Button variant="default" onClick={clear}>
                Show all ticks
              </Button>
            ) : undefined
          }
        >
          {filtered
            ? null
            : "Every fire time of a running bot appears here, whatever became of it."}
        </Empty>
      ) : null}
      {ticks.value && ticks.value.length > 0 ? <TickTable ticks={ticks.value} withBot /> : null}
      {ticks.value && ticks.value.length >= limit && limit < MOST ? (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setLimit(Math.min(MOST, limit + 2 * STEP))}>
            Show older ticks
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
