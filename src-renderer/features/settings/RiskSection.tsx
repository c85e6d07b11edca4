import { Button, NumberInput, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import {
  RISK_DEFAULTS,
  RISK_FIELDS,
  RISK_GROUPS,
} from "../../../src-preload/contract/risk-limits.ts";
import { Card } from "../../components/Card.tsx";
import { Choice, Field, OnOff } from "./Field.tsx";
import type { SectionProps } from "./Field.tsx";

/** Every limit of risk, with what it means and its range; the layers use them from the next entry on. */
export function RiskSection({
  draft,
  errors,
  change,
  shown,
}: SectionProps & { readonly shown: boolean }) {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown) top.current?.scrollIntoView({ block: "start" });
  }, [shown]);
  const set = (part: Partial<typeof draft.risk>): void =>
    change({ risk: { ...draft.risk, ...part } });
  return (
    <div ref={top} data-testid="risk-section">
      <Card
        title="Risk limits"
        note="Used from the next entry on; exits are never held back"
        actions={
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => change({ risk: RISK_DEFAULTS })}
            data-testid="risk-defaults"
          >
            Defaults
          </Button>
        }
      >
        <Field
          label="Keys of the kill switch"
          help="System-wide: no new entries at once, whatever program is in front. Empty for none"
        >
          <TextInput
            aria-label="Keys of the kill switch"
            w={280}
            value={draft.killShortcut}
            onChange={(event) => change({ killShortcut: event.currentTarget.value })}
            error={errors.killShortcut}
            data-testid="setting-kill-shortcut"
          />
        </Field>
        {RISK_GROUPS.map(({ title, keys }) => (
          <section key={title} aria-label={title}>
            <h3 className="section-title">{title}</h3>
            {title === "Dead man's switch" ? (
              <Field
                label="Check-in"
                help="A trader who is away for long finds no surprise: first no new entries, then a stop"
              >
                <OnOff
                  label="Ask me to check in"
                  value={draft.risk.deadMan}
                  onChange={(deadMan) => set({ deadMan })}
                  testid="dead-man"
                />
              </Field>
            ) : null}
            {keys.map((key) => {
              const { label, help, unit, min, max, whole } = RISK_FIELDS[key];
              return (
                <Field key={key} label={label} help={help === "" ? null : help}>
                  <NumberInput
                    w={170}
                    aria-label={label}
                    value={draft.risk[key]}
                    onChange={(value) => set({ [key]: value })}
                    error={errors[`risk.${key}`]}
                    min={min}
                    max={max}
                    allowDecimal={!whole}
                    allowNegative={false}
                    clampBehavior="none"
                    data-testid={`risk-${key}`}
                    {...(unit === "" ? {} : { suffix: ` ${unit}` })}
                  />
                </Field>
              );
            })}
            {title === "Dead man's switch" ? (
              <Field label="When stopped" help="What happens to open positions then">
                <Choice
                  label="When stopped"
                  value={draft.risk.deadManStop}
                  choices={[
                    { value: "watch", label: "Keep stops and exits" },
                    { value: "close", label: "Close all positions" },
                  ]}
                  onChange={(deadManStop) => set({ deadManStop })}
                  testid="dead-man-stop"
                />
              </Field>
            ) : null}
          </section>
        ))}
      </Card>
    </div>
  );
}
