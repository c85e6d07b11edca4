import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { BotView } from "../../src-preload/contract/bots.ts";
import { graceAdvice } from "../features/bot-form/schedule-model.ts";
import { ask } from "../state/bridge.ts";
import classes from "./grace-hint.module.css";

/** Where a bot's grace time loses a candle after sleep: says so, and sets a longer one with a click. */
export function GraceHint({ bot }: { readonly bot: BotView }) {
  const [busy, setBusy] = useState(false);
  const { config } = bot;
  const advice = graceAdvice(config.graceMs, config.timeframe);
  if (advice === null) return null;
  const allow = async (): Promise<void> => {
    setBusy(true);
    const answer = await ask("bots:update", {
      id: bot.id,
      config: { ...config, graceMs: advice.graceMs },
    });
    setBusy(false);
    notifications.show(
      answer.ok
        ? { message: `Saved ${config.name}.` }
        : { message: answer.error.message, color: "danger" },
    );
  };
  return (
    <div className={classes.hint} role="note" data-testid="grace-hint">
      <span className="spread">{advice.text}</span>
      <Button
        variant="default"
        size="compact-xs"
        loading={busy}
        onClick={() => void allow()}
        data-testid="grace-hint-allow"
      >
        {advice.label}
      </Button>
    </div>
  );
}
