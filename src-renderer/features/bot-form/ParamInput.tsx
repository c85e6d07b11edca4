import { ActionIcon, Checkbox, NumberInput, Select, Tooltip } from "@mantine/core";
import { RotateCcw } from "lucide-react";
import type { ParamField } from "../../../src-preload/contract/bots.ts";
import { rangeText } from "./form-model.ts";
import type { ParamValue } from "./form-model.ts";
import classes from "./form.module.css";

interface ParamInputProps {
  readonly field: ParamField;
  readonly value: ParamValue | undefined;
  readonly error: React.ReactNode;
  readonly onChange: (value: ParamValue) => void;
}

/** One parameter of a strategy, drawn by its kind, with its help, range and way back to the default. */
export function ParamInput({ field, value, error, onChange }: ParamInputProps) {
  const changed = value !== field.default;
  const range = rangeText(field);
  const label = (
    <span className={classes.paramLabel}>
      {field.label}
      {field.unit === "" ? null : <span className="dim"> ({field.unit})</span>}
    </span>
  );
  const shown =
    typeof field.default === "boolean" ? (field.default ? "on" : "off") : String(field.default);
  const description = [field.help, range === "" ? "" : `A value ${range}.`, `Default ${shown}.`]
    .filter(Boolean)
    .join(" ");
  const shared = { label, description, error, "data-testid": `param-${field.key}` };

  let input;
  if (field.kind === "boolean") {
    input = (
      <Checkbox
        {...shared}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  } else if (field.kind === "choice") {
    input = (
      <Select
        {...shared}
        data={[...(field.choices ?? [])]}
        value={typeof value === "string" ? value : null}
        onChange={(choice) => onChange(choice ?? "")}
      />
    );
  } else {
    input = (
      <NumberInput
        {...shared}
        value={typeof value === "boolean" ? "" : (value ?? "")}
        onChange={onChange}
        allowDecimal={field.kind === "number"}
        allowNegative={field.min === undefined || field.min < 0}
        clampBehavior="none"
        step={field.step ?? (field.kind === "integer" ? 1 : 0.1)}
        {...(field.min === undefined ? {} : { min: field.min })}
        {...(field.max === undefined ? {} : { max: field.max })}
      />
    );
  }
  return (
    <div className={classes.param}>
      <div className="spread">{input}</div>
      <Tooltip label={`Back to the default, ${shown}`}>
        <ActionIcon
          style={{ visibility: changed ? "visible" : "hidden" }}
          onClick={() => onChange(field.default)}
          aria-label={`Reset ${field.label} to ${shown}`}
        >
          <RotateCcw size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
