import {
  Autocomplete,
  Button,
  Checkbox,
  NumberInput,
  SegmentedControl,
  TextInput,
} from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { Request } from "../../../src-preload/contract/index.ts";
import { formatDateTime, formatDateField, parseDateField } from "../../format/time.ts";
import { useZone } from "../../state/settings.ts";
import { useRequest } from "../../state/use-request.ts";
import type { BotFormValues } from "./form-model.ts";
import { formGraceAdvice, previewQuery } from "./schedule-model.ts";
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
  cron: "Ticks by the calendar of a time zone; decides on the last candle closed by then, once.",
};

/** A pause in typing of this length asks for a preview, ms. */
const TYPING_MS = 250;
/** The preview is asked again this often, so that no time of the past stands there, ms. */
const PREVIEW_MS = 1000;

function Preview({ query }: { readonly query: Request<"bots:preview-schedule"> }) {
  const zone = useZone();
  const { value, failure } = useRequest("bots:preview-schedule", query, { everyMs: PREVIEW_MS });
  if (failure) {
    return (
      <p className="tone-loss" role="alert" data-testid="preview-refused">
        {failure.message}
      </p>
    );
  }
  if (value?.length === 0)
    return <p className={classes.help}>No fire time is left up to the end date.</p>;
  return (
    <div className={classes.preview} data-testid="next-fire-times">
      <span className="dim">Next fire times, {zone === "utc" ? "UTC" : "your time"}</span>
      <ol>
        {value?.map((time) => (
          <li key={time}>{formatDateTime(time, zone)}</li>
        ))}
      </ol>
    </div>
  );
}

interface ScheduleSectionProps {
  readonly form: UseFormReturnType<BotFormValues>;
}

/** Typed as text, so that it reads as every other time here. */
function EndDate({ form }: ScheduleSectionProps) {
  const zone = useZone();
  const { endAt } = form.values;
  const [text, setText] = useState(
    typeof endAt === "string" ? endAt : formatDateField(endAt, zone),
  );
  return (
    <TextInput
      label={`End date (${zone === "utc" ? "UTC" : "your time"})`}
      description="The bot stops then; empty: never"
      placeholder="2026-12-31 18:00"
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const filled = typed.trim() === "" ? null : typed;
        form.setFieldValue(
          "endAt",
          filled === null ? null : (parseDateField(typed, zone) ?? filled),
        );
      }}
      error={form.errors["endAt"]}
      data-testid="field-endAt"
    />
  );
}

/** When the bot ticks, and what becomes of a tick that is late or hangs. */
export function ScheduleSection({ form }: ScheduleSectionProps) {
  const { values } = form;
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone")], []);
  const advice = formGraceAdvice(values, values.timeframe);
  const [typed] = useDebouncedValue(
    JSON.stringify(previewQuery(values, values.timeframe)),
    TYPING_MS,
  );
  const query = JSON.parse(typed) as ReturnType<typeof previewQuery>;
  // What was refused on saving stands at its field already.
  const refused =
    form.errors["cronExpression"] ?? form.errors["cronZone"] ?? form.errors["offsetSeconds"];
  const preview =
    query === null || query.schedule.kind !== values.scheduleKind || refused ? null : (
      <Preview query={query} />
    );
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
          {preview}
        </>
      ) : null}
      {values.scheduleKind === "cron" ? (
        <>
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
          {preview}
        </>
      ) : null}
      <div className={classes.pair}>
        <div>
          <NumberInput
            label="Grace time (seconds)"
            description="A later start is a miss"
            min={1}
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
            onClick={() => form.setFieldValue("graceSeconds", advice.graceMs / 1000)}
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
      <div className={classes.pair}>
        <NumberInput
          label="Start after (seconds)"
          description="From the next start of the bot"
          min={0}
          allowNegative={false}
          clampBehavior="none"
          {...form.getInputProps("startAfterSeconds")}
          data-testid="field-startAfterSeconds"
        />
        <EndDate form={form} />
      </div>
    </>
  );
}
