import type {
  BacktestReport,
  BacktestTrade,
  PeriodReturn,
  TradeGroup,
} from "../../src-preload/contract/research.ts";

const day = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");
const percent = (value: number | null): string =>
  value === null ? "–" : `${(value * 100).toFixed(2)} %`;
const figure = (value: number | null, digits = 2): string =>
  value === null ? "–" : value.toFixed(digits);
const span = (ms: number | null): string =>
  ms === null ? "–" : ms < 86_400_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;

const lines = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, value]) => `  ${name.padEnd(24)}${value.padStart(16)}`).join("\n");

const groupLines = (groups: readonly TradeGroup[]): string =>
  groups
    .map(
      ({ key, trades, wins, pnl, fees }) =>
        `  ${key.padEnd(12)}${String(trades).padStart(7)} trades${String(wins).padStart(7)} won${figure(pnl).padStart(13)} PnL${figure(fees).padStart(11)} fees`,
    )
    .join("\n");

const periodLines = (periods: readonly PeriodReturn[]): string =>
  periods
    .map(
      (row) =>
        `  ${row.period.padEnd(10)}${percent(row.return).padStart(12)}${percent(row.benchmark).padStart(14)}`,
    )
    .join("\n");

/** A report as a table for people. */
export function reportText(report: BacktestReport): string {
  const { metrics, request } = report;
  const quote = request.symbol.split("/")[1] ?? "";
  const parts = [
    `${request.strategy} on ${request.symbol} ${request.timeframe}, ${day(report.firstCandle)} to ${day(report.lastCandle)} UTC, ${report.candles} candles`,
    `Candles: ${report.source}`,
    `Parameters: ${JSON.stringify(request.params)}`,
    "",
    lines([
      ["Start", `${figure(metrics.startEquity)} ${quote}`],
      ["End", `${figure(metrics.finalEquity)} ${quote}`],
      ["Total return", percent(metrics.totalReturn)],
      ["Buy and hold", percent(metrics.buyAndHold)],
      ["Against buy and hold", percent(metrics.excess)],
      ["CAGR", percent(metrics.cagr)],
      ["Annual return (mean)", percent(metrics.annualReturn)],
      ["Volatility a year", percent(metrics.volatility)],
      ["Sharpe", figure(metrics.sharpe)],
      ["Sortino", figure(metrics.sortino)],
      ["Calmar", figure(metrics.calmar)],
      ["Max drawdown", percent(metrics.maxDrawdown)],
      ["  its length", span(metrics.maxDrawdownMs)],
      ["Longest drawdown", span(metrics.longestDrawdownMs)],
      ["Trades", String(metrics.trades)],
      ["Win rate", percent(metrics.winRate)],
      ["Profit factor", figure(metrics.profitFactor)],
      ["Expectancy", `${figure(metrics.expectancy)} ${quote}`],
      ["Average win / loss", `${figure(metrics.averageWin)} / ${figure(metrics.averageLoss)}`],
      ["Average trade", percent(metrics.averageTradeReturn)],
      ["Average time held", span(metrics.averageTradeMs)],
      ["SQN", figure(metrics.sqn)],
      ["Exposure", percent(metrics.exposure)],
      ["Turnover a year", `${figure(metrics.turnover, 1)} ×`],
      ["Fees", `${figure(metrics.fees)} ${quote}`],
      ["Slippage", `${figure(metrics.slippage)} ${quote}`],
      ["Funding", `${figure(metrics.funding)} ${quote}`],
    ]),
    "",
    `  ${"Period".padEnd(10)}${"Return".padStart(12)}${"Buy and hold".padStart(14)}`,
    periodLines(report.monthly),
    periodLines(report.yearly),
  ];
  if (report.trades.length > 0) {
    parts.push("", "By reason of the exit", groupLines(report.byExit), "By side", groupLines(report.bySide));
  }
  if (report.notes.length > 0) parts.push("", ...report.notes.map((note) => `Note: ${note}`));
  parts.push("", `Simulated in ${report.ms.toFixed(0)} ms.`);
  return parts.join("\n");
}

const cell = (value: string | number): string =>
  typeof value === "string" && /[",\n]/u.test(value)
    ? `"${value.replaceAll('"', '""')}"`
    : String(value);

const COLUMNS: readonly (keyof BacktestTrade)[] = [
  "side",
  "entryCandle",
  "exitCandle",
  "entryPrice",
  "exitPrice",
  "quantity",
  "pnl",
  "fees",
  "slippage",
  "funding",
  "exit",
  "entryReason",
  "exitReason",
];

/** The trades as CSV with a header. */
export const tradesCsv = (trades: readonly BacktestTrade[]): string =>
  [
    COLUMNS.join(","),
    ...trades.map((trade) => COLUMNS.map((column) => cell(trade[column])).join(",")),
    "",
  ].join("\n");
