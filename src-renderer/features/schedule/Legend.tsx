import { MARK_CLASSES } from "./lanes.ts";
import { SHAPES } from "./shapes.ts";
import classes from "./timeline.module.css";

/** What each mark of the timeline means. */
export function Legend() {
  return (
    <ul className={classes.legend} aria-label="Marks">
      {MARK_CLASSES.map((kind) => {
        const { d, open, colour, word } = SHAPES[kind];
        return (
          <li key={kind}>
            <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
              <path
                d={d}
                fill={open ? "none" : `var(${colour})`}
                stroke={open ? `var(${colour})` : "none"}
                strokeWidth="1.6"
              />
            </svg>
            {word}
          </li>
        );
      })}
    </ul>
  );
}
