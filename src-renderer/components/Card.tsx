import type { ReactNode } from "react";
import classes from "./card.module.css";

interface CardProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Off for tables, which reach the card's edge. */
  readonly padded?: boolean;
  readonly children: ReactNode;
}

/** A titled surface. */
export function Card({ title, note, actions, padded = true, children }: CardProps) {
  return (
    <section className={`card ${classes.card}`}>
      <header className={classes.header}>
        <h2 className={classes.title}>{title}</h2>
        {note ? <span className="dim">{note}</span> : null}
        <span className="spread" />
        {actions}
      </header>
      <div className={padded ? classes.padded : classes.flush}>{children}</div>
    </section>
  );
}
