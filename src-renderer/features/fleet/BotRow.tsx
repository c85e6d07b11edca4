import { Ellipsis } from "lucide-react";
import { memo } from "react";
import type { CSSProperties } from "react";
import type { BotView } from "../../../src-preload/contract/bots.ts";
import type { CellContext, Column } from "./columns.tsx";
import { toggleChecked, useFleet } from "./fleet-store.ts";
import classes from "./fleet.module.css";

interface BotRowProps {
  readonly bot: BotView;
  readonly columns: readonly Column[];
  readonly context: CellContext;
  readonly top: number;
  readonly index: number;
  readonly checked: boolean;
  readonly selected: boolean;
  readonly onOpen: (id: string) => void;
}

/** One bot. Renders only when its own view changed: the map keeps the identity of the others. */
export const BotRow = memo(function BotRow({
  bot,
  columns,
  context,
  top,
  index,
  checked,
  selected,
  onOpen,
}: BotRowProps) {
  const style: CSSProperties = { transform: `translateY(${top}px)` };
  return (
    <div
      id={`bot-row-${bot.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={classes.row}
      style={style}
      data-testid="bot-row"
      data-bot-id={bot.id}
      data-status={bot.status}
      data-health={bot.health}
      onClick={() => useFleet.setState({ selected: bot.id })}
      onDoubleClick={() => onOpen(bot.id)}
      onContextMenu={(event) => {
        event.preventDefault();
        useFleet.setState({
          selected: bot.id,
          menu: { id: bot.id, x: event.clientX, y: event.clientY },
        });
      }}
    >
      <span role="gridcell" className={classes.cell}>
        <input
          type="checkbox"
          className={classes.check}
          checked={checked}
          aria-label={`Select ${bot.config.name}`}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
          onDoubleClick={(event) => event.stopPropagation()}
          onChange={() => toggleChecked(bot.id)}
        />
      </span>
      {columns.map((column) => (
        <span
          key={column.key}
          role="gridcell"
          className={column.align === "right" ? `${classes.cell} ${classes.right}` : classes.cell}
          data-column={column.key}
        >
          {column.cell(bot, context)}
        </span>
      ))}
      <span role="gridcell" className={classes.cell}>
        <button
          type="button"
          className={classes.menuButton}
          aria-label={`Actions for ${bot.config.name}`}
          aria-haspopup="menu"
          tabIndex={-1}
          data-testid="bot-menu"
          onClick={(event) => {
            event.stopPropagation();
            const box = event.currentTarget.getBoundingClientRect();
            useFleet.setState({ menu: { id: bot.id, x: box.right, y: box.bottom } });
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        >
          <Ellipsis size={16} aria-hidden="true" />
        </button>
      </span>
    </div>
  );
});
