import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import { useEffect } from "react";
import type { ReactNode } from "react";
import classes from "./side-panel.module.css";

interface SidePanelProps {
  readonly title: ReactNode;
  readonly onClose: () => void;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The story of what is selected, at the right of the page; Esc closes it. */
export function SidePanel({ title, onClose, actions, children }: SidePanelProps) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // A dialog or a menu above takes the key first.
      if (event.key === "Escape" && !document.querySelector('[role="dialog"], [role="menu"]'))
        onClose();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onClose]);
  return (
    <aside className={classes.panel} data-testid="side-panel">
      <header className={classes.header}>
        <h2 className={classes.title}>{title}</h2>
        {actions}
        <ActionIcon onClick={onClose} aria-label="Close panel">
          <X size={16} />
        </ActionIcon>
      </header>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}

/** Label and value, one a line. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([label, value]) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
