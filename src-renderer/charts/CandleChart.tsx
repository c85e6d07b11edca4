import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  LineStyle,
} from "lightweight-charts";
import type {
  IChartApi,
  IPriceLine,
  ISeriesApi,
  ISeriesMarkersPluginApi,
  SeriesMarker,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useMemo, useRef } from "react";
import type { CandleChartData } from "../../src-preload/contract/market.ts";
import type { PositionView } from "../../src-preload/contract/portfolio.ts";
import { formatNumber, formatPrice, priceDecimals } from "../format/numbers.ts";
import { formatAxisTime, formatDateTime } from "../format/time.ts";
import { useZone } from "../state/settings.ts";
import { cssColour, usePaint } from "./paint.ts";
import classes from "./charts.module.css";

const SHOWN_BARS = 140;
/** Empty bars at the right, so that marks of the last trades stay clear of the names of the price lines. */
const ROOM_BARS = 12;

const seconds = (ms: number): UTCTimestamp => Math.floor(ms / 1000) as UTCTimestamp;
const milliseconds = (time: Time): number => Number(time) * 1000;

interface Handles {
  readonly chart: IChartApi;
  readonly series: ISeriesApi<"Candlestick">;
  readonly markers: ISeriesMarkersPluginApi<Time>;
}

/** Entries at an arrow that points the way of the trade and exits at a dot, without words that would lie on the candles, in order of time; `lengthMs` is the candle's length. */
function markersOf(
  positions: readonly PositionView[],
  lengthMs: number,
  firstTime: number,
): SeriesMarker<Time>[] {
  const bar = (ms: number): UTCTimestamp => seconds(Math.floor(ms / lengthMs) * lengthMs);
  const gain = cssColour("--gain");
  const loss = cssColour("--loss");
  const marks: SeriesMarker<Time>[] = [];
  for (const position of positions) {
    const long = position.side === "long";
    if (position.entryPrice !== null && position.openedAt >= firstTime) {
      marks.push({
        time: bar(position.openedAt),
        position: long ? "belowBar" : "aboveBar",
        shape: long ? "arrowUp" : "arrowDown",
        color: cssColour("--accent"),
      });
    }
    if (position.closedAt !== null && position.closedAt >= firstTime) {
      marks.push({
        time: bar(position.closedAt),
        position: long ? "aboveBar" : "belowBar",
        shape: "circle",
        color: position.realisedPnl >= 0 ? gain : loss,
      });
    }
  }
  return marks.sort((a, b) => Number(a.time) - Number(b.time));
}

interface CandleChartProps {
  readonly candles: CandleChartData;
  /** The bot's positions, open and closed. */
  readonly positions: readonly PositionView[];
  /** Length of one candle, ms. */
  readonly lengthMs: number;
  readonly height: number;
  readonly label: string;
}

/** Candles with the bot's entries and exits, and lines at the open position's entry and stop. */
export function CandleChart({ candles, positions, lengthMs, height, label }: CandleChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const handles = useRef<Handles | null>(null);
  const lines = useRef<IPriceLine[]>([]);
  const placed = useRef(false);
  const zone = useZone();
  const paint = usePaint();

  const rows = useMemo(
    () =>
      candles.time.map((time, i) => ({
        time: seconds(time),
        open: candles.open[i] ?? 0,
        high: candles.high[i] ?? 0,
        low: candles.low[i] ?? 0,
        close: candles.close[i] ?? 0,
      })),
    [candles],
  );

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const chart = createChart(element, {
      autoSize: true,
      layout: {
        background: { type: ColorType.Solid, color: "transparent" },
        fontFamily: '"Inter Variable", sans-serif',
        fontSize: 11,
      },
      rightPriceScale: { borderVisible: false },
      timeScale: {
        borderVisible: false,
        timeVisible: true,
        secondsVisible: false,
        rightOffset: ROOM_BARS,
      },
    });
    const series = chart.addSeries(CandlestickSeries, { borderVisible: false });
    handles.current = { chart, series, markers: createSeriesMarkers(series, []) };
    chart.subscribeCrosshairMove(({ time, seriesData }) => {
      const bar = seriesData.get(series);
      if (!readout.current) return;
      readout.current.textContent =
        time !== undefined && bar && "open" in bar
          ? `O ${formatPrice(bar.open)}  H ${formatPrice(bar.high)}  L ${formatPrice(bar.low)}  C ${formatPrice(bar.close)}`
          : "";
    });
    return () => {
      handles.current = null;
      lines.current = [];
      placed.current = false;
      chart.remove();
    };
  }, []);

  useEffect(() => {
    const now = handles.current;
    if (!now) return;
    now.chart.applyOptions({
      layout: { textColor: cssColour("--dim") },
      grid: { vertLines: { visible: false }, horzLines: { color: cssColour("--border") } },
      localization: { timeFormatter: (time: Time) => formatDateTime(milliseconds(time), zone) },
      timeScale: {
        tickMarkFormatter: (time: Time) =>
          formatAxisTime(milliseconds(time), lengthMs * SHOWN_BARS, zone),
      },
    });
    now.series.applyOptions({
      upColor: cssColour("--gain"),
      downColor: cssColour("--loss"),
      wickUpColor: cssColour("--gain"),
      wickDownColor: cssColour("--loss"),
    });
  }, [paint, zone, lengthMs]);

  useEffect(() => {
    const now = handles.current;
    if (!now) return;
    const last = rows.at(-1);
    if (last) {
      const precision = priceDecimals(last.close);
      now.series.applyOptions({
        // The library's own formatter takes 1 / minMove for a whole number, which 1 / 0.00001 is not in binary.
        priceFormat: {
          type: "custom",
          formatter: (price: number) => formatNumber(price, precision),
          minMove: 10 ** -precision,
        },
      });
    }
    now.series.setData(rows);
    if (!placed.current && rows.length > 0) {
      placed.current = true;
      now.chart.timeScale().setVisibleLogicalRange({
        from: Math.max(0, rows.length - SHOWN_BARS),
        to: rows.length + ROOM_BARS,
      });
    }
  }, [rows]);

  useEffect(() => {
    const now = handles.current;
    if (!now) return;
    now.markers.setMarkers(markersOf(positions, lengthMs, candles.time[0] ?? 0));
    for (const line of lines.current) now.series.removePriceLine(line);
    lines.current = [];
    const open = positions.find(
      (position) => position.state !== "CLOSED" && position.entryPrice !== null,
    );
    if (!open || open.entryPrice === null) return;
    lines.current = [
      now.series.createPriceLine({
        price: open.entryPrice,
        color: cssColour("--accent"),
        lineWidth: 1,
        lineStyle: LineStyle.Dotted,
        title: "entry",
      }),
      now.series.createPriceLine({
        price: open.stopPrice,
        color: cssColour("--warn"),
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
        title: "stop",
      }),
    ];
  }, [positions, candles, lengthMs, paint]);

  return (
    <figure className={classes.candles} style={{ height, margin: 0 }} aria-label={label}>
      <div ref={readout} className={classes.readout} />
      <div ref={holder} style={{ height }} />
    </figure>
  );
}
