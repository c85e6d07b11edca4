import { useMemo } from "react";
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { Empty } from "../components/Message.tsx";
import { formatNumber } from "../format/numbers.ts";
import { formatAxisTime, formatDateTime } from "../format/time.ts";
import { useZone } from "../state/settings.ts";
import { dodge, niceAxis, timeTicks } from "./scale.ts";
import classes from "./charts.module.css";

interface Series {
  readonly key: string;
  readonly label: string;
  /** A CSS colour; the same for the same thing on every page. */
  readonly colour: string;
}

interface TimeChartProps {
  /** Points in order of time; `time` is ms UTC, the series' keys are in `unit`. */
  readonly data: readonly Readonly<Record<string, number>>[];
  readonly series: readonly Series[];
  readonly unit: string;
  /** Decimals of exact values, under the crosshair. */
  readonly decimals: number;
  readonly label: string;
  readonly fromZero?: boolean;
  readonly height?: number;
  readonly emptyText: string;
}

const TOP = 20;
const BOTTOM = 22;
const LABEL_GAP = 15;
/** Of the scale's digits, px: a figure of seven digits must not be cut. */
const DIGIT_WIDTH = 6.5;

interface HoverProps {
  readonly active?: boolean;
  readonly label?: string | number | undefined;
  readonly payload?: readonly { readonly dataKey?: unknown; readonly value?: unknown }[];
}

/** Lines over time with round axes, names at the lines' ends, and exact values under the crosshair. */
export function TimeChart({
  data,
  series,
  unit,
  decimals,
  label,
  fromZero = false,
  height = 180,
  emptyText,
}: TimeChartProps) {
  const zone = useZone();
  const axis = useMemo(
    () =>
      niceAxis(
        data.flatMap((point) => series.map(({ key }) => point[key] ?? Number.NaN)),
        fromZero,
      ),
    [data, series, fromZero],
  );
  const first = data[0]?.["time"];
  const last = data.at(-1)?.["time"];
  if (first === undefined || last === undefined || data.length < 2) {
    return (
      <Empty title="Nothing to draw yet" height={height}>
        {emptyText}
      </Empty>
    );
  }
  const span = last - first;
  const scaleWidth = Math.max(
    52,
    ...axis.ticks.map((tick) => formatNumber(tick, axis.decimals).length * DIGIT_WIDTH + 12),
  );
  const plot = height - TOP - BOTTOM;
  const end = data.at(-1);
  const places = dodge(
    series.map(
      ({ key }) => (1 - ((end?.[key] ?? axis.min) - axis.min) / (axis.max - axis.min)) * plot,
    ),
    LABEL_GAP,
    plot,
  );

  const hover = ({ active, label: at, payload }: HoverProps) => {
    if (!active || !payload) return null;
    return (
      <div className={classes.hover}>
        <div className="dim">{formatDateTime(Number(at), zone)}</div>
        {series.map(({ key, label: name, colour }) => {
          const value = payload.find((entry) => entry.dataKey === key)?.value;
          return (
            <div key={key} className={classes.hoverLine}>
              <span style={{ color: colour }}>{name}</span>
              <span>
                {formatNumber(typeof value === "number" ? value : null, decimals)} {unit}
              </span>
            </div>
          );
        })}
      </div>
    );
  };

  return (
    <figure className={classes.chart} style={{ height }} aria-label={label}>
      <span className={classes.unit} style={{ width: scaleWidth - 6 }}>
        {unit}
      </span>
      <div className={classes.plot}>
        <ResponsiveContainer width="100%" height={height}>
          <LineChart
            data={[...data]}
            margin={{ top: TOP, right: 0, bottom: 0, left: 0 }}
            accessibilityLayer
          >
            <CartesianGrid vertical={false} stroke="var(--border)" strokeOpacity={0.7} />
            <XAxis
              dataKey="time"
              type="number"
              domain={[first, last]}
              ticks={timeTicks(first, last)}
              tickFormatter={(t: number) => formatAxisTime(t, span, zone)}
              height={BOTTOM}
              tickLine={false}
              axisLine={{ stroke: "var(--border)" }}
              tick={{ fill: "var(--dim)", fontSize: 11 }}
              minTickGap={24}
            />
            <YAxis
              domain={[axis.min, axis.max]}
              ticks={[...axis.ticks]}
              tickFormatter={(v: number) => formatNumber(v, axis.decimals)}
              width={scaleWidth}
              tickLine={false}
              axisLine={false}
              tick={{ fill: "var(--dim)", fontSize: 11 }}
            />
            {axis.min < 0 && axis.max > 0 ? (
              <ReferenceLine y={0} stroke="var(--dim)" strokeOpacity={0.6} />
            ) : null}
            <Tooltip
              content={hover}
              isAnimationActive={false}
              cursor={{ stroke: "var(--dim)", strokeDasharray: "3 3" }}
            />
            {series.map(({ key, colour }) => (
              <Line
                key={key}
                dataKey={key}
                stroke={colour}
                strokeWidth={1.5}
                dot={false}
                activeDot={{ r: 3 }}
                isAnimationActive={false}
                type="linear"
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      {series.length > 1 ? (
        <div className={classes.labels}>
          {series.map(({ key, label: name, colour }, index) => (
            <span key={key} style={{ color: colour, top: TOP + (places[index] ?? 0) }}>
              {name}
            </span>
          ))}
        </div>
      ) : null}
    </figure>
  );
}
