import { Button } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Failure } from "../../src-preload/contract/result.ts";
import classes from "./message.module.css";

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** Buttons: what to do next. */
  readonly actions?: ReactNode;
  readonly height?: number;
}

/** What stands where nothing is yet: a title, why, and what to do. */
export function Empty({ title, children, actions, height }: EmptyProps) {
  return (
    <div
      className={classes.empty}
      style={height === undefined ? undefined : { height, padding: 8 }}
    >
      <div className={classes.title}>{title}</div>
      {children ? <div className={classes.text}>{children}</div> : null}
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </div>
  );
}

/** Rows of the size of what will come, while it is on its way. */
export function Loading({
  rows = 6,
  height,
}: {
  readonly rows?: number;
  readonly height?: number;
}) {
  return (
    <div
      className={classes.loading}
      style={height === undefined ? undefined : { height }}
      role="status"
      aria-label="Loading"
    >
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={classes.bar} style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

interface FailureNoteProps {
  readonly failure: Failure;
  readonly onRetry?: () => void;
}

/** A refusal in the main process's own sentence. */
export function FailureNote({ failure, onRetry }: FailureNoteProps) {
  return (
    <div className={classes.failure} role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <span className="selectable">{failure.message}</span>
      {onRetry ? (
        <Button variant="default" size="compact-xs" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}
