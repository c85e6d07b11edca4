import type { ReactNode } from "react";
import { SignalBell } from "./SignalBell.tsx";
import classes from "./page-header.module.css";

interface PageHeaderProps {
  readonly title: ReactNode;
  /** Beside the title: a count, a state. */
  readonly note?: ReactNode;
  readonly children?: ReactNode;
}

/** Title, then filters and actions, then the bell: the same on every page. */
export function PageHeader({ title, note, children }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      <h1 className={classes.title}>{title}</h1>
      {note ? <span className="dim">{note}</span> : null}
      <span className="spread" />
      {children}
      <SignalBell />
    </header>
  );
}
