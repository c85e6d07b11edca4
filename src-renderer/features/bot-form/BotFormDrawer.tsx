import {
  Autocomplete,
  Button,
  Checkbox,
  Drawer,
  NumberInput,
  Select,
  TextInput,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { FormEvent } from "react";
import { TIMEFRAMES } from "../../../src-preload/contract/time.ts";
import type { Failure } from "../../../src-preload/contract/result.ts";
import { FailureNote } from "../../components/Message.tsx";
import { ask } from "../../state/bridge.ts";
import { useBots } from "../../state/bots.ts";
import { useRequest } from "../../state/use-request.ts";
import { ParamInput } from "./ParamInput.tsx";
import { ScheduleSection } from "./ScheduleSection.tsx";
import { closeBotForm } from "./form-store.ts";
import type { BotFormRequest } from "./form-store.ts";
import {
  checkForm,
  cloneName,
  defaultParams,
  fieldOfFailure,
  MOST_PERCENT,
  newBotValues,
  valuesOf,
} from "./form-model.ts";
import type { BotFormValues } from "./form-model.ts";
import classes from "./form.module.css";

const TITLES: Readonly<Record<BotFormRequest["mode"], string>> = {
  create: "New bot",
  edit: "Edit bot",
  clone: "Clone bot",
};

function initialValues(request: BotFormRequest): BotFormValues {
  const { strategies, byId } = useBots.getState();
  if (request.mode === "create") return newBotValues(strategies[0]);
  const values = valuesOf(
    request.bot,
    strategies.find(({ id }) => id === request.bot.config.strategy),
  );
  if (request.mode === "clone") {
    values.name = cloneName(values.name, new Set([...byId.values()].map((bot) => bot.config.name)));
  }
  return values;
}

/** Creates, edits or clones a bot. A refusal keeps every field as it was typed. */
export default function BotFormDrawer({ request }: { readonly request: BotFormRequest }) {
  const strategies = useBots((s) => s.strategies);
  const symbols = useRequest("bots:symbols", undefined);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<BotFormValues>({
    mode: "controlled",
    initialValues: initialValues(request),
  });
  const { values } = form;
  const strategy = strategies.find(({ id }) => id === values.strategy);

  const close = (): void => {
    if (!form.isDirty()) {
      closeBotForm();
      return;
    }
    modals.openConfirmModal({
      title: "Discard the changes?",
      children: "The fields differ from what is saved. Discarding cannot be undone.",
      labels: { confirm: "Discard changes", cancel: "Keep editing" },
      confirmProps: { size: "xs", color: "danger" },
      cancelProps: { size: "xs" },
      onConfirm: closeBotForm,
    });
  };

  const chooseStrategy = (id: string | null): void => {
    const chosen = strategies.find((known) => known.id === id);
    if (!chosen || chosen.id === values.strategy) return;
    form.setValues({
      strategy: chosen.id,
      params: defaultParams(chosen),
      ...(request.mode === "create" ? { timeframe: chosen.defaultTimeframe } : {}),
    });
    form.clearErrors();
  };

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const checked = checkForm(values, strategy);
    if (checked.errors) {
      form.setErrors(checked.errors);
      const [first] = Object.keys(checked.errors);
      if (first !== undefined) form.getInputNode(first)?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    const answer =
      request.mode === "edit"
        ? await ask("bots:update", { id: request.bot.id, config: checked.config })
        : await ask("bots:create", { config: checked.config });
    setBusy(false);
    if (answer.ok) {
      notifications.show({
        message: `${request.mode === "edit" ? "Saved" : "Created"} ${answer.value.config.name}.`,
      });
      closeBotForm();
      return;
    }
    const field = fieldOfFailure(answer.error, values);
    if (field === null) setFailure(answer.error);
    else form.setErrors({ [field]: answer.error.message });
  };

  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={480}
      title={TITLES[request.mode]}
      styles={{
        content: { display: "flex", flexDirection: "column" },
        body: { flex: 1, minHeight: 0, padding: 0 },
      }}
    >
      <form
        className={classes.form}
        onSubmit={(event) => void save(event)}
        noValidate
        data-testid="bot-form"
      >
        <div className={classes.fields}>
          {failure ? <FailureNote failure={failure} /> : null}
          <TextInput
            label="Name"
            placeholder="What the bot is called in the fleet"
            data-autofocus
            maxLength={60}
            {...form.getInputProps("name")}
            data-testid="field-name"
          />
          <Select
            label="Strategy"
            data={strategies.map(({ id, title }) => ({ value: id, label: title }))}
            searchable
            {...form.getInputProps("strategy")}
            onChange={chooseStrategy}
            data-testid="field-strategy"
          />
          {strategy ? (
            <div className={classes.summary}>
              {strategy.summary}
              {strategy.metrics.length > 0
                ? ` Reads ${strategy.metrics.join(", ")}; without them it does not enter.`
                : ""}
            </div>
          ) : null}
          <div className={classes.pair}>
            <Autocomplete
              label="Symbol"
              placeholder="BTC/USDT"
              data={[...(symbols.value ?? [])]}
              limit={200}
              description={
                symbols.failure
                  ? `The market's symbols could not be read. ${symbols.failure.message}`
                  : undefined
              }
              {...form.getInputProps("symbol")}
              onChange={(value) => form.setFieldValue("symbol", value.toUpperCase())}
              data-testid="field-symbol"
            />
            <Select
              label="Timeframe"
              data={[...TIMEFRAMES]}
              {...form.getInputProps("timeframe")}
              data-testid="field-timeframe"
            />
          </div>
          <div className={classes.pair}>
            <NumberInput
              label="Capital (quote currency)"
              min={0}
              step={100}
              thousandSeparator={"\u202f"}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps("capital")}
              data-testid="field-capital"
            />
            <NumberInput
              label="Position size (% of capital)"
              min={0}
              max={MOST_PERCENT}
              step={5}
              allowNegative={false}
              clampBehavior="none"
              {...form.getInputProps("positionShare")}
              data-testid="field-positionShare"
            />
          </div>
          <Checkbox
            label="Allow short positions"
            description="Off: the bot only buys; short signals are not entered."
            {...form.getInputProps("allowShort", { type: "checkbox" })}
            data-testid="field-allowShort"
          />
          <ScheduleSection form={form} />
          {strategy && strategy.fields.length > 0 ? (
            <h3 className="section-title">Parameters</h3>
          ) : null}
          {strategy?.fields.map((field) => (
            <ParamInput
              key={`${strategy.id} ${field.key}`}
              field={field}
              value={values.params[field.key]}
              error={form.errors[`params.${field.key}`]}
              onChange={(value) => {
                form.setFieldValue(`params.${field.key}`, value);
                form.clearFieldError(`params.${field.key}`);
              }}
            />
          ))}
        </div>
        <div className={classes.footer}>
          {Object.keys(form.errors).length > 0 ? (
            <span className="tone-loss spread">Nothing was saved; see the marked fields.</span>
          ) : null}
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} data-testid="save-bot">
            {request.mode === "edit" ? "Save bot" : "Create bot"}
          </Button>
        </div>
      </form>
    </Drawer>
  );
}
