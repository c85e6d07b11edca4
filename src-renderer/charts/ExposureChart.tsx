import { useMemo } from "react";
import { Bar, BarChart, LabelList, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { PositionView } from "../../src-preload/contract/portfolio.ts";
import { Empty } from "../components/Message.tsx";
import { formatMoney, formatNumber } from "../format/numbers.ts";
import { niceAxis } from "./scale.ts";
import { exposureBySymbol } from "./exposure.ts";
import type { SymbolExposure } from "./exposure.ts";
import classes from "./charts.module.css";

const BAR = 20;

interface HoverProps {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: unknown }[];
}

function Hover({ active, payload }: HoverProps) {
  const row = payload?.[0]?.payload as SymbolExposure | undefined;
  if (!active || !row) return null;
  return (
    <div className={classes.hover}>
      <div className="dim">{row.symbol}</div>
      <div className={classes.hoverLine}>
        <span>long</span> <span>{formatMoney(row.long)} USDT</span>
      </div>
      <div className={classes.hoverLine}>
        <span>short</span> <span>{formatMoney(row.short)} USDT</span>
      </div>
    </div>
  );
}

/** Value of open positions by symbol, the largest on top; long and short side by side in one bar. */
export function ExposureChart({
  positions,
  height,
}: {
  readonly positions: readonly PositionView[];
  readonly height: number;
}) {
  const rows = useMemo(() => exposureBySymbol(positions), [positions]);
  if (rows.length === 0) {
    return (
      <Empty title="No exposure" height={height}>
        Open positions are drawn here by symbol.
      </Empty>
    );
  }
  const axis = niceAxis(
    rows.map((row) => row.total),
    true,
  );
  return (
    <figure style={{ margin: 0, height, overflowY: "auto" }} aria-label="Exposure by symbol, USDT">
      <ResponsiveContainer width="100%" height={rows.length * (BAR + 4) + 4}>
        <BarChart
          data={rows.map((row) => ({ ...row, end: axis.max * 1e-4 }))}
          layout="vertical"
          margin={{ top: 0, right: 72, bottom: 0, left: 0 }}
          barSize={BAR - 8}
          accessibilityLayer
        >
          <XAxis type="number" domain={[0, axis.max]} hide />
          <YAxis
            type="category"
            dataKey="symbol"
            width={84}
            interval={0}
            tickLine={false}
            axisLine={false}
            tick={{ fill: "var(--text)", fontSize: 12 }}
          />
          <Tooltip
            content={<Hover />}
            isAnimationActive={false}
            cursor={{ fill: "var(--hover)" }}
          />
          <Bar dataKey="long" stackId="exposure" fill="var(--accent)" isAnimationActive={false} />
          <Bar
            dataKey="short"
            stackId="exposure"
            fill="var(--series-2)"
            isAnimationActive={false}
          />
          {/* A sliver at the bar's end carries the total: a part of no length would have no label. */}
          <Bar dataKey="end" stackId="exposure" fill="transparent" isAnimationActive={false}>
            <LabelList
              dataKey="total"
              position="right"
              formatter={(value) => formatNumber(Number(value), 0)}
              style={{ fill: "var(--dim)", fontSize: 12 }}
            />
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </figure>
  );
}
