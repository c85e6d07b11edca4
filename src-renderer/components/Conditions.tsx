import { Check, Circle, X } from "lucide-react";
import type { Condition, TickReport } from "../../src-preload/contract/ticks.ts";
import classes from "./conditions.module.css";

type Rules = "entry" | "exit";

/** Which rules a tick weighed: a bot that holds a position weighs those for leaving it. */
export const rulesOf = (tick: TickReport): Rules =>
  tick.result === "hold" || tick.result === "exit" ? "exit" : "entry";

function Mark({ held, of }: { readonly held: boolean; readonly of: Rules }) {
  if (of === "exit") {
    // An exit that is not due is nothing bad: it has no cross and no loss colour.
    return held ? (
      <Check size={16} className="tone-info" aria-label="holds: leave" />
    ) : (
      <Circle size={14} className="dim" aria-label="does not hold: stay" />
    );
  }
  return held ? (
    <Check size={16} className="tone-gain" aria-label="holds" />
  ) : (
    <X size={16} className="tone-loss" aria-label="does not hold" />
  );
}

interface ConditionsProps {
  readonly conditions: readonly Condition[];
  readonly of: Rules;
}

/** A tick's reasoning: each condition with ✓ or ✗ and its figures. Entry wants all of them, exit any. */
export function Conditions({ conditions, of }: ConditionsProps) {
  if (conditions.length === 0) return <p className="dim">This tick weighed no conditions.</p>;
  return (
    <>
      {of === "exit" ? (
        <p className={classes.rule}>
          {conditions.some(({ held }) => held)
            ? "Left the position because:"
            : "Stays in the position; leaves it on:"}
        </p>
      ) : null}
      <ul className={classes.list}>
        {conditions.map((condition, index) => (
          <li key={`${index} ${condition.label}`} className={classes.item}>
            <Mark held={condition.held} of={of} />
            <span className={classes.label}>{condition.label}</span>
            <span className={classes.detail}>{condition.detail}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
