import { Button, Select, TextInput } from "@mantine/core";
import { Check } from "lucide-react";
import { useState } from "react";
import type { Responses } from "../../../src-preload/contract/index.ts";
import type { Result } from "../../../src-preload/contract/result.ts";
import { Card } from "../../components/Card.tsx";
import { FailureNote } from "../../components/Message.tsx";
import { formatSigned, plural } from "../../format/numbers.ts";
import { ask } from "../../state/bridge.ts";
import { useRequest } from "../../state/use-request.ts";
import { Choice, Field, NumberField } from "./Field.tsx";
import type { SectionProps } from "./Field.tsx";
import { checkSettings } from "./settings-model.ts";
import type { SettingsErrors } from "./settings-model.ts";

type TestAnswer = Result<Responses["app:test-exchange"]>;

interface MarketSectionProps extends SectionProps {
  readonly setErrors: (errors: SettingsErrors) => void;
}

/** Where candles come from, with a try of it before it is saved. */
export function MarketSection({ draft, errors, change, setErrors }: MarketSectionProps) {
  const exchanges = useRequest("app:exchanges", undefined);
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<TestAnswer | null>(null);
  const edit: typeof change = (part) => {
    setAnswer(null);
    change(part);
  };
  const test = async (): Promise<void> => {
    const checked = checkSettings(draft);
    if (checked.errors?.exchangeId ?? checked.errors?.baseUrl ?? checked.errors?.seed) {
      setErrors(checked.errors ?? {});
      return;
    }
    const baseUrl = draft.baseUrl.trim();
    setBusy(true);
    setAnswer(null);
    setAnswer(
      await ask("app:test-exchange", {
        marketSource:
          draft.sourceKind === "synthetic"
            ? { kind: "synthetic", seed: Number(draft.seed) }
            : {
                kind: "exchange",
                exchangeId: draft.exchangeId,
                baseUrl: baseUrl === "" ? null : baseUrl,
              },
      }),
    );
    setBusy(false);
  };
  const section = { draft, errors, change: edit };
  return (
    <Card title="Market" note="Changing the source needs every bot stopped and flat">
      <Field label="Source" help="Where candles and prices come from">
        <Choice
          label="Source"
          value={draft.sourceKind}
          choices={[
            { value: "synthetic", label: "Synthetic market" },
            { value: "exchange", label: "Exchange" },
          ]}
          onChange={(sourceKind) => edit({ sourceKind })}
          testid="source-kind"
        />
      </Field>
      {draft.sourceKind === "synthetic" ? (
        <Field label="Seed" help="The same seed makes the same market">
          <NumberField name="seed" testid="seed" {...section} />
        </Field>
      ) : (
        <>
          <Field
            label="Exchange"
            help="Any exchange of the ccxt library with spot markets; public data, no key"
          >
            <div style={{ width: 280 }}>
              <Select
                aria-label="Exchange"
                placeholder="Find by id"
                searchable
                limit={300}
                nothingFoundMessage="No exchange has this id"
                data={[...(exchanges.value ?? [])]}
                value={draft.exchangeId === "" ? null : draft.exchangeId}
                onChange={(id) => edit({ exchangeId: id ?? "" })}
                error={errors.exchangeId}
                data-testid="setting-exchange-id"
              />
              {exchanges.failure ? (
                <FailureNote failure={exchanges.failure} onRetry={exchanges.reload} />
              ) : null}
            </div>
          </Field>
          <Field
            label="Base URL"
            help="For a test net, a mirror or a replay server; empty for the exchange's own"
          >
            <TextInput
              aria-label="Base URL"
              w={280}
              placeholder="The exchange's own"
              value={draft.baseUrl}
              onChange={(event) => edit({ baseUrl: event.currentTarget.value })}
              error={errors.baseUrl}
              data-testid="setting-base-url"
            />
          </Field>
        </>
      )}
      <Field label="Try it" help="Asks for the time and the markets; changes nothing">
        <Button
          variant="default"
          loading={busy}
          onClick={() => void test()}
          data-testid="test-exchange"
        >
          Test the source
        </Button>
      </Field>
      {answer?.ok ? (
        <p className="row selectable" role="status" data-testid="test-answer">
          <Check size={16} className="tone-gain" aria-hidden="true" />
          {answer.value.message} {plural(answer.value.markets, "market")}
          {answer.value.clockOffsetMs === null
            ? ""
            : `, clock ${formatSigned(answer.value.clockOffsetMs, 0)} ms from ours`}
          .
        </p>
      ) : null}
      {answer && !answer.ok ? (
        <div data-testid="test-answer">
          <FailureNote failure={answer.error} />
        </div>
      ) : null}
    </Card>
  );
}
