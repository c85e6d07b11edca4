import type { LimitBar } from "../../../src-preload/contract/risk.ts";
import { fillOf, leftText, toneOf, usedText } from "./bars.ts";
import classes from "./risk.module.css";

const WORD = { ok: "", warn: "near", bad: "holds entries back" } as const;

/** One bar a limit: what is used of it, on what, and what is left. */
export function LimitBars({ bars }: { readonly bars: readonly LimitBar[] }) {
  return (
    <div className={classes.bars}>
      {bars.map((bar) => {
        const tone = toneOf(bar);
        return (
          <div key={bar.id} data-testid="limit-bar" data-limit={bar.id} data-tone={tone}>
            <div className={classes.barHead}>
              <span>{bar.label}</span>
              <span className="dim ellipsis">{bar.of}</span>
              <span className="spread" />
              <b style={{ fontWeight: 500 }}>{usedText(bar)}</b>
              <span className={tone === "ok" ? "dim" : tone === "warn" ? "tone-warn" : "tone-loss"}>
                {tone === "bad" ? WORD.bad : leftText(bar)}
              </span>
            </div>
            <div
              className={classes.track}
              role="meter"
              aria-label={bar.label}
              aria-valuemin={0}
              aria-valuemax={bar.limit}
              aria-valuenow={Math.min(bar.used, bar.limit)}
              aria-valuetext={`${usedText(bar)}${WORD[tone] === "" ? "" : `, ${WORD[tone]}`}`}
            >
              <div
                className={classes.fill}
                data-tone={tone}
                style={{ width: `${fillOf(bar) * 100}%` }}
              />
            </div>
          </div>
        );
      })}
    </div>
  );
}
