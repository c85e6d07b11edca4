import { ActionIcon, Tooltip } from "@mantine/core";
import { LogOut } from "lucide-react";
import type { PositionView } from "../../../src-preload/contract/portfolio.ts";
import { Pnl } from "../../components/Pnl.tsx";
import { formatMoney, formatPrice, formatQuantity } from "../../format/numbers.ts";
import { formatDateTime } from "../../format/time.ts";
import { POSITION_WORD } from "../../format/words.ts";
import { useZone } from "../../state/settings.ts";

interface PositionTableProps {
  readonly positions: readonly PositionView[];
  /** Names the bot and symbol in each row; off on the bot's own page. */
  readonly withBot: boolean;
  readonly selected?: string | null;
  readonly onSelect?: (id: string) => void;
  /** Asks to close an open position; without it the rows have no such action. */
  readonly onClose?: (position: PositionView) => void;
}

/** Positions with their way in and out; a row can open the chain of its orders. */
export function PositionTable({
  positions,
  withBot,
  selected = null,
  onSelect,
  onClose,
}: PositionTableProps) {
  const zone = useZone();
  return (
    <table className="table" data-testid="position-table">
      <thead>
        <tr>
          {withBot ? (
            <>
              <th>Bot</th>
              <th>Symbol</th>
            </>
          ) : null}
          <th>State</th>
          <th>Side</th>
          <th className="num">Size</th>
          <th>Opened</th>
          <th className="num">Entry</th>
          <th className="num">Last or exit</th>
          <th className="num">Stop</th>
          <th className="num">Exposure</th>
          <th className="num">Unrealised</th>
          <th className="num">Realised</th>
          <th className="num">Fees</th>
          {onClose ? <th aria-label="Actions" /> : null}
        </tr>
      </thead>
      <tbody>
        {positions.map((position) => (
          <tr
            key={position.id}
            className={onSelect ? "clickable" : ""}
            aria-selected={selected === position.id}
            tabIndex={onSelect ? 0 : undefined}
            onClick={() => onSelect?.(position.id)}
            onKeyDown={(event) => {
              if (event.key === "Enter") onSelect?.(position.id);
            }}
            data-testid="position-row"
            data-position-id={position.id}
          >
            {withBot ? (
              <>
                <td>{position.botName}</td>
                <td>{position.symbol}</td>
              </>
            ) : null}
            <td className={position.state === "CLOSED" ? "dim" : ""}>
              {POSITION_WORD[position.state]}
            </td>
            <td>{position.side}</td>
            <td className="num">{formatQuantity(position.quantity)}</td>
            <td>{formatDateTime(position.openedAt, zone)}</td>
            <td className="num">{formatPrice(position.entryPrice)}</td>
            <td className="num">{formatPrice(position.exitPrice ?? position.lastPrice)}</td>
            <td className="num">{formatPrice(position.stopPrice)}</td>
            <td className="num">
              {position.state === "CLOSED" ? (
                <span className="dim">–</span>
              ) : (
                formatMoney(position.exposure)
              )}
            </td>
            <td className="num">
              {position.state === "CLOSED" ? (
                <span className="dim">–</span>
              ) : (
                <Pnl value={position.unrealisedPnl} />
              )}
            </td>
            <td className="num">
              <Pnl value={position.realisedPnl} />
            </td>
            <td className="num">{formatMoney(position.fees)}</td>
            {onClose ? (
              <td className="num">
                {position.state === "OPEN" || position.state === "CLOSING" ? (
                  <Tooltip label={`Close position of ${position.botName}`}>
                    <ActionIcon
                      size={24}
                      aria-label={`Close position of ${position.botName}`}
                      onClick={(event) => {
                        event.stopPropagation();
                        onClose(position);
                      }}
                      onKeyDown={(event) => event.stopPropagation()}
                      data-testid="close-position"
                    >
                      <LogOut size={14} />
                    </ActionIcon>
                  </Tooltip>
                ) : null}
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
