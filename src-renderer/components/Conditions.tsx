import { Check, X } from "lucide-react";
import type { Condition } from "../../src-preload/contract/ticks.ts";
import classes from "./conditions.module.css";

/** A tick's reasoning: each condition with ✓ or ✗ and its figures. */
export function Conditions({ conditions }: { readonly conditions: readonly Condition[] }) {
  if (conditions.length === 0) return <p className="dim">This tick weighed no conditions.</p>;
  return (
    <ul className={classes.list}>
      {conditions.map((condition, index) => (
        <li key={`${index} ${condition.label}`} className={classes.item}>
          {condition.held ? (
            <Check size={16} className="tone-gain" aria-label="holds" />
          ) : (
            <X size={16} className="tone-loss" aria-label="does not hold" />
          )}
          <span className={classes.label}>{condition.label}</span>
          <span className={classes.detail}>{condition.detail}</span>
        </li>
      ))}
    </ul>
  );
}
