import { Button } from "@mantine/core";
import { Boxes, Plus } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Empty, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { plural } from "../../format/numbers.ts";
import { useBots } from "../../state/bots.ts";
import { openBotForm } from "../bot-form/form-store.ts";
import { FleetCards } from "./FleetCards.tsx";
import { FleetTable } from "./FleetTable.tsx";
import { FleetToolbar } from "./FleetToolbar.tsx";
import { RowMenu } from "./RowMenu.tsx";
import { setFilter, useFleet } from "./fleet-store.ts";
import { filterBots, groupBots, sortBots } from "./rows.ts";
import classes from "./fleet.module.css";

const PresetDialog = lazy(() => import("./PresetDialog.tsx"));
const BotPanel = lazy(() => import("./BotPanel.tsx"));

/** Marks when the first rows are on the screen, for the start-up bench: two frames after they were drawn. */
function useFirstPaintMark(ready: boolean): void {
  useEffect(() => {
    if (!ready || performance.getEntriesByName("fleet-painted").length > 0) return;
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("fleet-painted")));
  }, [ready]);
}

interface CreateButtonsProps {
  readonly onPreset: () => void;
}

function CreateButtons({ onPreset }: CreateButtonsProps) {
  return (
    <>
      <Button
        variant="default"
        leftSection={<Boxes size={14} aria-hidden="true" />}
        onClick={onPreset}
        data-testid="create-reference-fleet"
      >
        Create reference fleet
      </Button>
      <Button
        leftSection={<Plus size={14} aria-hidden="true" />}
        onClick={() => openBotForm({ mode: "create" })}
        data-testid="new-bot"
      >
        New bot
      </Button>
    </>
  );
}

export function FleetPage() {
  const byId = useBots((s) => s.byId);
  const loaded = useBots((s) => s.loaded);
  const failed = useBots((s) => s.failure !== null);
  const filter = useFleet((s) => s.filter);
  const sort = useFleet((s) => s.sort);
  const groupBy = useFleet((s) => s.groupBy);
  const selected = useFleet((s) => s.selected);
  const [preset, setPreset] = useState(false);

  const bots = useMemo(() => [...byId.values()], [byId]);
  const rows = useMemo(
    () => groupBots(sortBots(filterBots(bots, filter), sort), groupBy),
    [bots, filter, sort, groupBy],
  );
  useFirstPaintMark(loaded && !failed);

  const shown = rows.filter((row) => row.kind === "bot").length;
  const note =
    bots.length === 0
      ? null
      : shown === bots.length
        ? plural(bots.length, "bot")
        : `${shown} of ${plural(bots.length, "bot")}`;
  const panelBot = selected === null ? undefined : byId.get(selected);

  const create = <CreateButtons onPreset={() => setPreset(true)} />;
  let content;
  if (!loaded) {
    content = (
      <div className={classes.empty}>
        <Loading rows={12} />
      </div>
    );
  } else if (bots.length === 0 && failed) {
    content = (
      <div className={classes.empty}>
        <Empty title="The fleet is not known">
          It could not be read; the bar above says why. The bots themselves go on.
        </Empty>
      </div>
    );
  } else if (bots.length === 0) {
    content = (
      <div className={classes.empty} data-testid="fleet-empty">
        <Empty title="No bots yet" actions={create}>
          The reference fleet shows 45 paper bots at work, seven strategies on three timeframes. Or
          make one bot of your own: a strategy, a symbol and the capital it may use.
        </Empty>
      </div>
    );
  } else if (shown === 0) {
    content = (
      <div className={classes.empty}>
        <Empty
          title="No bot fits the filter"
          actions={
            <Button
              variant="default"
              onClick={() => setFilter({ text: "", strategy: null, status: null })}
            >
              Show all {plural(bots.length, "bot")}
            </Button>
          }
        />
      </div>
    );
  } else {
    content = <FleetTable rows={rows} groupBy={groupBy} />;
  }

  return (
    <div className="page" data-testid="page-fleet">
      <PageHeader title="Fleet" note={note}>
        {bots.length > 0 ? create : null}
      </PageHeader>
      <FleetCards />
      {bots.length > 0 ? <FleetToolbar bots={bots} /> : null}
      <div className={classes.body}>
        {content}
        {panelBot ? (
          <Suspense fallback={null}>
            <BotPanel bot={panelBot} onClose={() => useFleet.setState({ selected: null })} />
          </Suspense>
        ) : null}
      </div>
      <RowMenu />
      {preset ? (
        <Suspense fallback={null}>
          <PresetDialog onClose={() => setPreset(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}
