import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useRef, useState } from "react";
import type { Settings } from "../../../src-preload/contract/app.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote, Loading } from "../../components/Message.tsx";
import { PageHeader } from "../../components/PageHeader.tsx";
import { ask } from "../../state/bridge.ts";
import { useSettings } from "../../state/settings.ts";
import { useStatus } from "../../state/status.ts";
import { useRequest } from "../../state/use-request.ts";
import { Choice, Field, NumberField, OnOff } from "./Field.tsx";
import type { SectionProps } from "./Field.tsx";
import { DataSection } from "./DataSection.tsx";
import { MarketSection } from "./MarketSection.tsx";
import { RiskSection } from "./RiskSection.tsx";
import { checkSettings, draftOf, fieldOfSettingsFailure, isChanged } from "./settings-model.ts";
import type { SettingsDraft, SettingsErrors } from "./settings-model.ts";
import classes from "./settings.module.css";

function ClockSection(section: SectionProps) {
  const { draft, errors, change } = section;
  return (
    <Card title="Clock" note="Changing the mode needs every bot stopped and flat">
      <Field
        label="Engine clock"
        help="Time-lapse is for the synthetic market and replay servers: a real exchange has only the wall's time"
      >
        <div>
          <Choice
            label="Engine clock"
            value={draft.clockMode}
            choices={[
              { value: "system", label: "System time" },
              { value: "time-lapse", label: "Time-lapse" },
            ]}
            onChange={(clockMode) => change({ clockMode })}
            testid="clock-mode"
          />
          {errors.clockMode ? <p className="tone-loss">{errors.clockMode}</p> : null}
        </div>
      </Field>
      {draft.clockMode === "time-lapse" ? (
        <Field label="Speed" help="Engine seconds a second; the status bar changes it at once">
          <NumberField name="speed" testid="speed" {...section} />
        </Field>
      ) : null}
    </Card>
  );
}

function SchedulingSection({ draft, change }: SectionProps) {
  return (
    <Card title="Scheduling" note="A bot takes it up when it is started, or Tickdeck is">
      <Field
        label="Bots due at once"
        help={
          draft.scheduling === "single"
            ? "Each bot has a job of its own: they tick side by side, as fast as the exchange's limits allow"
            : "The bots of a timeframe tick one after the other, each when the one before is done: gentler on the exchange, later for the last"
        }
      >
        <Choice
          label="Bots due at once"
          value={draft.scheduling}
          choices={[
            { value: "single", label: "Side by side" },
            { value: "by_timeframe", label: "One after the other" },
          ]}
          onChange={(scheduling) => change({ scheduling })}
          testid="scheduling"
        />
      </Field>
    </Card>
  );
}

function PaperSection(section: SectionProps) {
  return (
    <Card title="Paper trading" note="Used from the next fill on">
      <Field label="Slippage" help="Each fill slips against us by a share in this range">
        <NumberField name="slippageMinBps" testid="slippage-min" unit="bps" {...section} />
        <span style={{ paddingTop: 5 }}>to</span>
        <NumberField name="slippageMaxBps" testid="slippage-max" unit="bps" {...section} />
      </Field>
      <Field label="Fee" help="A side, on the traded value">
        <NumberField name="feeBps" testid="fee" unit="bps" {...section} />
      </Field>
    </Card>
  );
}

function AppearanceSection({ draft, change }: SectionProps) {
  return (
    <Card title="Appearance">
      <Field label="Theme">
        <Choice
          label="Theme"
          value={draft.theme}
          choices={[
            { value: "dark", label: "Dark" },
            { value: "light", label: "Light" },
            { value: "system", label: "As the system" },
          ]}
          onChange={(theme) => change({ theme })}
          testid="theme"
        />
      </Field>
      <Field label="Density" help="Height of table rows">
        <Choice
          label="Density"
          value={draft.density}
          choices={[
            { value: "compact", label: "Compact" },
            { value: "normal", label: "Normal" },
            { value: "comfortable", label: "Comfortable" },
          ]}
          onChange={(density) => change({ density })}
          testid="density"
        />
      </Field>
      <Field label="Gain and loss" help="Sign and arrow tell them as well">
        <Choice
          label="Gain and loss"
          value={draft.pnlColours}
          choices={[
            { value: "default", label: "Default" },
            { value: "green-red", label: "Green, red" },
            { value: "red-green", label: "Red, green" },
            { value: "blue-orange", label: "Blue, orange" },
          ]}
          onChange={(pnlColours) => change({ pnlColours })}
          testid="pnl-colours"
        />
      </Field>
      <Field label="Time zone" help="Of every time shown; candles and fire times follow UTC">
        <Choice
          label="Time zone"
          value={draft.timeZone}
          choices={[
            { value: "utc", label: "UTC" },
            { value: "local", label: "This computer's" },
          ]}
          onChange={(timeZone) => change({ timeZone })}
          testid="time-zone"
        />
      </Field>
    </Card>
  );
}

function WindowSection(section: SectionProps) {
  const { draft, change } = section;
  return (
    <Card title="Notifications and window">
      <Field label="Signals" help="A click on the notification opens the bot">
        <OnOff
          label="Notify of entries and exits"
          value={draft.notifySignals}
          onChange={(notifySignals) => change({ notifySignals })}
          testid="notify-signals"
        />
      </Field>
      <Field label="Closing the window">
        <OnOff
          label="Keep the bots running in the tray"
          value={draft.closeToTray}
          onChange={(closeToTray) => change({ closeToTray })}
          testid="close-to-tray"
        />
      </Field>
      <Field
        label="Sleep of the computer"
        help="A sleeping computer runs no ticks; closing its lid still puts it to sleep"
      >
        <OnOff
          label="Keep it awake while a bot runs"
          value={draft.keepAwake}
          onChange={(keepAwake) => change({ keepAwake })}
          testid="keep-awake"
        />
      </Field>
      <Field label="Drain limit" help="On quitting, running ticks may finish for so long">
        <NumberField name="drainLimitSeconds" testid="drain-limit" unit="s" {...section} />
      </Field>
    </Card>
  );
}

function About() {
  const status = useStatus((s) => s.status);
  if (!status) return null;
  return (
    <p className="dim selectable">
      Tickdeck {status.version}. Data in {status.dataDir}
    </p>
  );
}

interface SettingsFormProps {
  readonly saved: Settings;
  /** Section to bring into view. */
  readonly shown: string | null;
}

function SettingsForm({ saved, shown }: SettingsFormProps) {
  const [draft, setDraft] = useState<SettingsDraft>(() => draftOf(saved));
  const [errors, setErrors] = useState<SettingsErrors>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = isChanged(draft, saved);

  // Saved elsewhere (the status bar's speed): take it over unless something is being edited here.
  const before = useRef(saved);
  useEffect(() => {
    const old = before.current;
    before.current = saved;
    setDraft((now) => (isChanged(now, old) ? now : draftOf(saved)));
  }, [saved]);

  const change = (part: Partial<SettingsDraft>): void => {
    setDraft((now) => ({ ...now, ...part }));
    setErrors((now) =>
      Object.fromEntries(
        Object.entries(now).filter(([key]) => !((key.split(".")[0] ?? key) in part)),
      ),
    );
    setFailure(null);
  };
  const save = async (): Promise<void> => {
    const checked = checkSettings(draft);
    if (checked.errors) {
      setErrors(checked.errors);
      return;
    }
    setBusy(true);
    const answer = await ask("app:save-settings", { settings: checked.settings });
    setBusy(false);
    if (answer.ok) {
      useSettings.setState({ settings: answer.value });
      setErrors({});
      notifications.show({ message: "Settings saved." });
      return;
    }
    const field = fieldOfSettingsFailure(answer.error);
    // A message at a choice has no room of its own: it is said in the bar.
    if (field === null || field === "sourceKind") setFailure(answer.error);
    else setErrors({ [field]: answer.error.message });
  };
  const section = { draft, errors, change };
  return (
    <>
      <div className={classes.body}>
        <div className={classes.sections}>
          <MarketSection {...section} setErrors={setErrors} />
          <ClockSection {...section} />
          <SchedulingSection {...section} />
          <PaperSection {...section} />
          <RiskSection {...section} shown={shown === "risk"} />
          <AppearanceSection {...section} />
          <WindowSection {...section} />
          <DataSection {...section} />
          <About />
        </div>
      </div>
      {changed ? (
        <div className={classes.bar} role="region" aria-label="Unsaved changes">
          {failure ? (
            <div className="spread">
              <FailureNote failure={failure} />
            </div>
          ) : (
            <span className={Object.keys(errors).length > 0 ? "tone-loss spread" : "dim spread"}>
              {Object.keys(errors).length > 0
                ? "Nothing was saved; see the marked fields."
                : "Changes are not saved yet."}
            </span>
          )}
          <Button
            variant="default"
            onClick={() => {
              setDraft(draftOf(saved));
              setErrors({});
              setFailure(null);
            }}
          >
            Discard
          </Button>
          <Button loading={busy} onClick={() => void save()} data-testid="save-settings">
            Save settings
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** Asks again where the settings were refused at the start. */
function SettingsLoader() {
  const answer = useRequest("app:settings", undefined);
  useEffect(() => {
    if (answer.value) useSettings.setState({ settings: answer.value });
  }, [answer.value]);
  return answer.failure ? (
    <FailureNote failure={answer.failure} onRetry={answer.reload} />
  ) : (
    <Loading />
  );
}

export default function SettingsPage({ shown = null }: { readonly shown?: string | null }) {
  const saved = useSettings((s) => s.settings);
  return (
    <div className="page" data-testid="page-settings">
      <PageHeader title="Settings" />
      {saved ? (
        <SettingsForm saved={saved} shown={shown} />
      ) : (
        <div className={classes.body}>
          <SettingsLoader />
        </div>
      )}
    </div>
  );
}
