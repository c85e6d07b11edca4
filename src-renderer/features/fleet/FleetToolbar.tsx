import { Button, Select, TextInput } from "@mantine/core";
import { Pause, Play, Search, Square, X } from "lucide-react";
import { lazy, memo, Suspense, useMemo, useState } from "react";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import { actOnBots } from "../../components/bot-actions.tsx";
import { isApplicable, VERBS } from "../../components/bot-verbs.ts";
import type { BotVerb } from "../../components/bot-verbs.ts";
import { plural } from "../../format/numbers.ts";
import { useBots } from "../../state/bots.ts";
import { setFilter, useFleet } from "./fleet-store.ts";
import type { FleetFilter, GroupBy } from "./rows.ts";
import classes from "./fleet.module.css";

const AllocateDialog = lazy(() => import("./AllocateDialog.tsx"));

const ANY = "any";

const STATUS_CHOICES = [
  { value: ANY, label: "Any state" },
  { value: "running", label: "Running" },
  { value: "paused", label: "Paused" },
  { value: "stopped", label: "Stopped" },
  { value: "attention", label: "Needs a look" },
];

const GROUP_CHOICES = [
  { value: "none", label: "No groups" },
  { value: "strategy", label: "By strategy" },
  { value: "timeframe", label: "By timeframe" },
];

const VERB_ICON = {
  start: <Play size={14} aria-hidden="true" />,
  pause: <Pause size={14} aria-hidden="true" />,
  resume: <Play size={14} aria-hidden="true" />,
  stop: <Square size={14} aria-hidden="true" />,
} as const;

/** Filters at the left; at the right, what to do with every bot, or with the checked ones. */
const FleetFilters = memo(function FleetFilters() {
  const filter = useFleet((s) => s.filter);
  const groupBy = useFleet((s) => s.groupBy);
  const strategies = useBots((s) => s.strategies);
  const strategyChoices = useMemo(
    () => [
      { value: ANY, label: "Any strategy" },
      ...strategies.map(({ id, title }) => ({ value: id, label: title })),
    ],
    [strategies],
  );
  return (
    <>
      <TextInput
        aria-label="Filter bots by text"
        placeholder="Filter"
        w={150}
        leftSection={<Search size={14} aria-hidden="true" />}
        value={filter.text}
        onChange={(event) => setFilter({ text: event.currentTarget.value })}
        data-testid="fleet-filter"
      />
      <Select
        aria-label="Strategy"
        w={150}
        data={strategyChoices}
        value={filter.strategy ?? ANY}
        onChange={(value) => setFilter({ strategy: value === ANY ? null : value })}
        data-testid="filter-strategy"
        comboboxProps={{ width: 240, position: "bottom-start", keepMounted: false }}
      />
      <Select
        aria-label="State"
        w={112}
        data={STATUS_CHOICES}
        value={filter.status ?? ANY}
        onChange={(value) =>
          setFilter({ status: value === ANY ? null : (value as FleetFilter["status"]) })
        }
        data-testid="filter-status"
      />
      <Select
        aria-label="Group by"
        w={120}
        data={GROUP_CHOICES}
        value={groupBy}
        onChange={(value) => useFleet.setState({ groupBy: (value ?? "none") as GroupBy })}
        data-testid="group-by"
      />
    </>
  );
});

const ALL_VERBS = ["start", "pause", "resume", "stop"] as const;

/** Start, pause, resume, stop for the whole fleet; a button that would change nothing is off. */
function AllActions({ bots }: { readonly bots: readonly BotView[] }) {
  return ALL_VERBS.map((verb) => {
    const targets = bots.filter((bot) => isApplicable(verb, bot));
    return (
      <Button
        key={verb}
        variant="default"
        px={8}
        leftSection={VERB_ICON[verb]}
        disabled={targets.length === 0}
        onClick={() => actOnBots(verb, targets)}
        data-testid={`${verb}-all`}
      >
        {VERBS[verb].verb} all
      </Button>
    );
  });
}

const SELECTION_VERBS: readonly BotVerb[] = ["start", "pause", "resume", "stop", "delete"];

/** What can be done with the checked bots, each button with its verb and count. */
function SelectionActions({ bots }: { readonly bots: readonly BotView[] }) {
  const [allocating, setAllocating] = useState(false);
  return (
    <>
      <b>{plural(bots.length, "bot")} selected</b>
      {SELECTION_VERBS.map((verb) => {
        const targets = bots.filter((bot) => isApplicable(verb, bot));
        if (targets.length === 0) return null;
        return (
          <Button
            key={verb}
            variant="default"
            onClick={() => actOnBots(verb, targets)}
            data-testid={`${verb}-selected`}
            {...(verb === "delete" ? { c: "var(--bad)" } : {})}
          >
            {VERBS[verb].verb} {plural(targets.length, "bot")}
          </Button>
        );
      })}
      <Button variant="default" onClick={() => setAllocating(true)} data-testid="allocate-selected">
        Allocate capital
      </Button>
      {allocating ? (
        <Suspense fallback={null}>
          <AllocateDialog bots={bots} onClose={() => setAllocating(false)} />
        </Suspense>
      ) : null}
      <Button
        variant="subtle"
        color="gray"
        leftSection={<X size={14} aria-hidden="true" />}
        onClick={() => useFleet.setState({ checked: new Set() })}
      >
        Clear
      </Button>
    </>
  );
}

/** The row under the cards. */
export function FleetToolbar({ bots }: { readonly bots: readonly BotView[] }) {
  const checked = useFleet((s) => s.checked);
  const chosen = bots.filter((bot) => checked.has(bot.id));
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Fleet">
      {chosen.length > 0 ? (
        <SelectionActions bots={chosen} />
      ) : (
        <>
          <FleetFilters />
          <div className={classes.actions}>
            <AllActions bots={bots} />
          </div>
        </>
      )}
    </div>
  );
}
