import {
  Autocomplete,
  Button,
  Checkbox,
  NumberInput,
  SegmentedControl,
  TextInput,
} from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useMemo } from "react";
import { formatDateTime } from "../../format/time.ts";
import { engineNow, useEngineText } from "../../state/clock.ts";
import { useZone } from "../../state/settings.ts";
import type { BotFormValues } from "./form-model.ts";
import { graceAdvice, nextCloses } from "./schedule-model.ts";
import type { ScheduleKind } from "./schedule-model.ts";
import classes from "./form.module.css";

const KINDS: readonly { readonly value: ScheduleKind; readonly label: string }[] = [
  { value: "candle_close", label: "Candle close" },
  { value: "interval", label: "Interval" },
  { value: "cron", label: "Cron" },
];

const HELP: Readonly<Record<ScheduleKind, string>> = {
  candle_close: "Ticks a moment after each candle has closed, when the exchange has its data.",
  interval: "Ticks once a timeframe, counted from the moment that the bot is started.",
  cron: "Ticks by the calendar of a time zone; a decision still sees the last closed candle.",
};

function Preview({ values }: { readonly values: BotFormValues }) {
  const zone = useZone();
  // Asked again as time passes, so that no time of the past stands here.
  const text = useEngineText((now) =>
    now === null
      ? ""
      : nextCloses(values, values.timeframe, now)
          .map((time) => formatDateTime(time, zone))
          .join("\n"),
  );
  if (text === "") return null;
  return (
    <div className={classes.preview} data-testid="next-fire-times">
      <span className="dim">Next fire times, at the earliest</span>
      <ol>
        {text.split("\n").map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
    </div>
  );
}

interface ScheduleSectionProps {
  readonly form: UseFormReturnType<BotFormValues>;
}

/** When the bot ticks, and what becomes of a tick that is late or hangs. */
export function ScheduleSection({ form }: ScheduleSectionProps) {
  const { values } = form;
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  const advice = graceAdvice(values, values.timeframe);
  return (
    <>
      <h3 className="section-title">Schedule</h3>
      <div>
        <SegmentedControl
          fullWidth
          aria-label="What makes the bot tick"
          data={[...KINDS]}
          {...form.getInputProps("scheduleKind")}
          data-testid="field-scheduleKind"
        />
        <p className={classes.help}>{HELP[values.scheduleKind]}</p>
        {form.errors["scheduleKind"] ? (
          <p className="tone-loss">{form.errors["scheduleKind"]}</p>
        ) : null}
      </div>
      {values.scheduleKind === "candle_close" ? (
        <>
          <NumberInput
            label="Offset after the close (seconds)"
            min={0}
            allowNegative={false}
            clampBehavior="none"
            {...form.getInputProps("offsetSeconds")}
            data-testid="field-offsetSeconds"
          />
          {engineNow() === null ? null : <Preview values={values} />}
        </>
      ) : null}
      {values.scheduleKind === "cron" ? (
        <div className={classes.pair}>
          <TextInput
            label="Cron expression"
            description="Minute hour day month weekday"
            placeholder="*/15 * * * *"
            classNames={{ input: "mono" }}
            {...form.getInputProps("cronExpression")}
            data-testid="field-cronExpression"
          />
          <Autocomplete
            label="Time zone"
            description="Whose calendar it is"
            data={zones}
            limit={100}
            {...form.getInputProps("cronZone")}
            data-testid="field-cronZone"
          />
        </div>
      ) : null}
      <div className={classes.pair}>
        <div>
          <NumberInput
            label="Grace time (seconds)"
            description="A later start is a miss"
            min={0}
            allowNegative={false}
            clampBehavior="none"
            disabled={values.graceUnlimited}
            {...form.getInputProps("graceSeconds")}
            data-testid="field-graceSeconds"
          />
          <Checkbox
            mt={8}
            label="However late"
            {...form.getInputProps("graceUnlimited", { type: "checkbox" })}
            data-testid="field-graceUnlimited"
          />
        </div>
        <div>
          <NumberInput
            label="Run limit (seconds)"
            description="A longer tick is cancelled"
            min={1}
            allowNegative={false}
            clampBehavior="none"
            disabled={!values.runLimited}
            {...form.getInputProps("runLimitSeconds")}
            data-testid="field-runLimitSeconds"
          />
          <Checkbox
            mt={8}
            label="Limit the run"
            {...form.getInputProps("runLimited", { type: "checkbox" })}
            data-testid="field-runLimited"
          />
        </div>
      </div>
      {advice ? (
        <div className={classes.advice} role="note" data-testid="grace-advice">
          <span className="spread">{advice.text}</span>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => form.setFieldValue("graceSeconds", advice.seconds)}
            data-testid="grace-allow"
          >
            {advice.label}
          </Button>
        </div>
      ) : null}
      <Checkbox
        label="Coalesce"
        description="Several ticks due at once, after sleep or a stall, become one, for the latest."
        {...form.getInputProps("coalesce", { type: "checkbox" })}
        data-testid="field-coalesce"
      />
    </>
  );
}
