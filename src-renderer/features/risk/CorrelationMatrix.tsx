import { Tooltip } from "@mantine/core";
import type { RiskOverview } from "../../../src-preload/contract/risk.ts";
import { Empty } from "../../components/Message.tsx";
import { formatNumber, UNKNOWN } from "../../format/numbers.ts";
import classes from "./risk.module.css";

/** Blue moves together, violet apart; the deeper the more. */
const shade = (value: number): string =>
  `color-mix(in srgb, var(${value >= 0 ? "--accent" : "--series-2"}) ${Math.round(Math.min(1, Math.abs(value)) * 55)}%, transparent)`;

const base = (symbol: string): string => symbol.split("/")[0] ?? symbol;

/** Correlation of returns of all symbols in use. */
export function CorrelationMatrix({
  symbols,
  values,
}: Pick<RiskOverview["correlation"], "symbols" | "values">) {
  if (symbols.length < 2) {
    return (
      <Empty title="Nothing to compare yet" height={220}>
        Two symbols whose bots have ticked are needed.
      </Empty>
    );
  }
  return (
    <div className={classes.matrixScroll}>
      <table
        className={classes.matrix}
        data-testid="correlation"
        style={{ minWidth: 44 + symbols.length * 38 }}
      >
        <thead>
          <tr>
            <th style={{ width: 44 }} aria-label="Symbol" />
            {symbols.map((symbol) => (
              <th key={symbol} scope="col">
                {base(symbol)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {symbols.map((row, i) => (
            <tr key={row}>
              <th scope="row">{base(row)}</th>
              {symbols.map((column, j) => {
                const value = values[i]?.[j] ?? null;
                if (i === j) return <td key={column} style={{ background: "var(--raised)" }} />;
                return (
                  <Tooltip
                    key={column}
                    label={`${row} and ${column}: ${value === null ? "too few candles" : formatNumber(value, 3)}`}
                  >
                    <td style={value === null ? undefined : { background: shade(value) }}>
                      {value === null ? UNKNOWN : formatNumber(value, 2)}
                    </td>
                  </Tooltip>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
