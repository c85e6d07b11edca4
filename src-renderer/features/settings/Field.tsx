import { Checkbox, NumberInput, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { LIMITS } from "./settings-model.ts";
import type { SettingsDraft, SettingsErrors } from "./settings-model.ts";
import classes from "./settings.module.css";

interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly children: ReactNode;
}

/** One setting: what it is at the left, its control at the right. */
export function Field({ label, help, children }: FieldProps) {
  return (
    <div className={classes.field}>
      <div className={classes.label}>
        {label}
        {help ? <div className={classes.help}>{help}</div> : null}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}

export interface SectionProps {
  readonly draft: SettingsDraft;
  readonly errors: SettingsErrors;
  readonly change: (part: Partial<SettingsDraft>) => void;
}

interface NumberFieldProps extends SectionProps {
  readonly name: keyof typeof LIMITS;
  readonly testid: string;
  readonly unit?: string;
  readonly label?: string;
}

/** A number with the contract's range; what is outside is said at the field and never silently changed. */
export function NumberField({
  name,
  testid,
  unit,
  label,
  draft,
  errors,
  change,
}: NumberFieldProps) {
  const limits = LIMITS[name];
  return (
    <NumberInput
      w={170}
      aria-label={label ?? limits.label}
      value={draft[name]}
      onChange={(value) => change({ [name]: value })}
      error={errors[name]}
      min={limits.min}
      max={limits.max}
      allowDecimal={!limits.whole}
      allowNegative={false}
      clampBehavior="none"
      data-testid={`setting-${testid}`}
      {...(unit === undefined ? {} : { suffix: ` ${unit}` })}
    />
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  readonly testid: string;
}

/** A few choices side by side. */
export function Choice<T extends string>({
  label,
  value,
  choices,
  onChange,
  testid,
}: ChoiceProps<T>) {
  return (
    <SegmentedControl
      aria-label={label}
      value={value}
      onChange={onChange}
      data={[...choices]}
      data-testid={`setting-${testid}`}
    />
  );
}

interface OnOffProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly testid: string;
}

export function OnOff({ label, value, onChange, testid }: OnOffProps) {
  return (
    <Checkbox
      mt={6}
      label={label}
      checked={value}
      onChange={(event) => onChange(event.currentTarget.checked)}
      data-testid={`setting-${testid}`}
    />
  );
}
