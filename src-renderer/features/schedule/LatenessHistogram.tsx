import { useMemo } from "react";
import {
  Bar,
  BarChart,
  CartesianGrid,
  Cell,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { niceAxis } from "../../charts/scale.ts";
import chart from "../../charts/charts.module.css";
import { Empty } from "../../components/Message.tsx";
import { formatNumber, formatShare, plural } from "../../format/numbers.ts";
import { LATE_FROM_MS, binLabels, binRange } from "./lanes.ts";

interface Bin {
  readonly label: string;
  readonly range: string;
  readonly count: number;
  readonly share: number;
  readonly late: boolean;
}

interface HoverProps {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: unknown }[];
}

function Hover({ active, payload }: HoverProps) {
  const bin = payload?.[0]?.payload as Bin | undefined;
  if (!active || !bin) return null;
  return (
    <div className={chart.hover}>
      <div className="dim">{bin.range}</div>
      {plural(bin.count, "tick")}, {formatShare(bin.share, 2)}
    </div>
  );
}

interface LatenessHistogramProps {
  /** Lower bounds of the bins, ms. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly height: number;
  readonly emptyText: string;
}

/** How many ticks ran how late; bins from 1 s on are in the colour of late marks. */
export function LatenessHistogram({ edges, counts, height, emptyText }: LatenessHistogramProps) {
  const bins = useMemo(() => {
    const labels = binLabels(edges);
    const total = counts.reduce((sum, count) => sum + count, 0);
    // Bins above the latest tick say nothing, but up to 1 s they give the scale.
    const last = Math.max(
      counts.findLastIndex((count) => count > 0),
      edges.findIndex((edge) => edge >= LATE_FROM_MS),
    );
    return labels.slice(0, last + 1).map((label, index): Bin => ({
      label,
      range: binRange(edges, index),
      count: counts[index] ?? 0,
      share: total === 0 ? 0 : (counts[index] ?? 0) / total,
      late: (edges[index] ?? 0) >= LATE_FROM_MS,
    }));
  }, [edges, counts]);
  if (!bins.some(({ count }) => count > 0)) {
    return (
      <Empty title="Nothing to draw yet" height={height}>
        {emptyText}
      </Empty>
    );
  }
  const axis = niceAxis(
    bins.map(({ count }) => count),
    true,
    3,
  );
  return (
    <figure className={chart.chart} style={{ height }} aria-label="Ticks by lateness">
      <span className={chart.unit} style={{ width: 46 }}>
        ticks
      </span>
      <div className={chart.plot}>
        <ResponsiveContainer width="100%" height={height}>
          <BarChart
            data={bins}
            margin={{ top: 20, right: 0, bottom: 0, left: 0 }}
            barCategoryGap={2}
          >
            <CartesianGrid vertical={false} stroke="var(--border)" strokeOpacity={0.7} />
            <XAxis
              dataKey="label"
              height={22}
              interval="preserveStartEnd"
              tickLine={false}
              axisLine={{ stroke: "var(--border)" }}
              tick={{ fill: "var(--dim)", fontSize: 11 }}
            />
            <YAxis
              domain={[0, axis.max]}
              ticks={[...axis.ticks]}
              tickFormatter={(v: number) => formatNumber(v, axis.decimals)}
              width={52}
              tickLine={false}
              axisLine={false}
              tick={{ fill: "var(--dim)", fontSize: 11 }}
            />
            <Tooltip content={Hover} isAnimationActive={false} cursor={{ fill: "var(--hover)" }} />
            <Bar dataKey="count" isAnimationActive={false} minPointSize={(v) => (v ? 2 : 0)}>
              {bins.map(({ label, late }) => (
                <Cell key={label} fill={late ? "var(--warn)" : "var(--accent)"} />
              ))}
            </Bar>
          </BarChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}
