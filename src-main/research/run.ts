import type { BacktestRequest, BacktestRules } from "../../src-preload/contract/research.ts";
import { EngineFault } from "../engine/fault.ts";
import { lowerBound, sliceColumns } from "../engine/market/columns.ts";
import { BotRunner } from "./bot-run.ts";
import type { BotRun } from "./bot-run.ts";
import type { Chosen } from "./catalogue.ts";
import { columnDecider, strategyDecider } from "./deciders.ts";
import type { Decider } from "./deciders.ts";
import type { History } from "./history.ts";
import { fillCosts, simulateColumns } from "./simulate.ts";
import type { ColumnRules, Totals } from "./simulate.ts";
import { EXIT_REASONS, emptyTrades, growTrades } from "./trades.ts";
import type { Trades } from "./trades.ts";

/** What a simulation hands on to the metrics: candles [first, end) of the history, their marks and trades. */
export interface RunResult {
  readonly first: number;
  readonly end: number;
  /** Worth at each close, quote currency; index 0 belongs to candle `first`. */
  readonly equity: Float64Array;
  /** The last mark before what was open at the end was closed. */
  readonly lastMark: number;
  /** Entry and exit count from candle `first`. */
  readonly trades: Trades;
  /** Of each trade; null where the signal columns give none. */
  readonly reasons: readonly { readonly entry: string; readonly exit: string }[] | null;
  /** Exact figures, where the run was made in decimals. */
  readonly exact: BotRun | null;
  readonly refused: ReadonlyMap<string, number>;
}

/** Memory that runs of one length can share, so that a sweep allocates nothing. */
export interface Scratch {
  readonly flags: Uint8Array;
  readonly equity: Float64Array;
  readonly trades: Trades;
}

export const makeScratch = (length: number): Scratch => ({
  flags: new Uint8Array(length),
  equity: new Float64Array(length),
  trades: emptyTrades(1024),
});

/** The span of the request in candles by index. Throws EngineFault when it holds none. */
export function spanOf(
  history: History,
  { from, to }: Pick<BacktestRequest, "from" | "to">,
): { readonly first: number; readonly end: number } {
  const { candles } = history;
  const first = lowerBound(candles.time, candles.length, from);
  const end = lowerBound(candles.time, candles.length, to);
  if (first >= end) {
    const span = (time: number | undefined): string =>
      time === undefined ? "nothing" : new Date(time).toISOString().slice(0, 16);
    throw new EngineFault(
      "invalid",
      `There are no candles of ${history.symbol} ${history.timeframe} from ${span(from)} to ${span(to)}; ${candles.length === 0 ? "there are none at all" : `those at hand go from ${span(candles.time[0])} to ${span(candles.time[candles.length - 1])}`}.`,
      "from",
    );
  }
  return { first, end };
}

/** The rules for the column simulator, or null where they or the market have something that it does not know. */
export function columnRulesOf(rules: BacktestRules, { market }: History): ColumnRules | null {
  const plain =
    rules.sizing.kind === "notional" &&
    rules.slippage.kind === "bps" &&
    rules.timing === "next_open" &&
    rules.allowShort &&
    rules.takeProfit === null &&
    !rules.funding &&
    market.tickSize === null &&
    market.lotStep === null &&
    market.minNotional === null;
  if (!plain || rules.sizing.kind !== "notional" || rules.slippage.kind !== "bps") return null;
  return {
    cash: rules.capital,
    notional: rules.sizing.amount,
    fee: rules.feeBps / 10_000,
    slippage: rules.slippage.bps / 10_000,
    stopLoss: rules.stopLoss ?? 0,
  };
}

/** Signals and simulation of a column strategy on candles [first, end), in `scratch`. */
export function runColumns(
  chosen: Extract<Chosen, { form: "column" }>,
  history: History,
  rules: ColumnRules,
  span: { readonly first: number; readonly end: number },
  scratch: Scratch,
): Totals {
  const { first, end } = span;
  const { candles } = history;
  const known = end === candles.length ? candles : sliceColumns(candles, 0, end);
  chosen.strategy.signals(known, chosen.params, scratch.flags);
  return first === 0
    ? simulateColumns(known, scratch.flags, rules, scratch.equity, scratch.trades)
    : simulateColumns(
        sliceColumns(candles, first, end),
        scratch.flags.subarray(first),
        rules,
        scratch.equity,
        scratch.trades,
      );
}

function deciderOf(chosen: Chosen, history: History, allowShort: boolean): Decider {
  if (chosen.form === "candle") {
    return strategyDecider(chosen.strategy, chosen.params, history, allowShort);
  }
  const flags = new Uint8Array(history.candles.length);
  chosen.strategy.signals(history.candles, chosen.params, flags);
  return columnDecider(flags, chosen.strategy.warmup(chosen.params), allowShort);
}

function columnsOfTrades(run: BotRun, first: number): Trades {
  const trades = emptyTrades(run.trades.length);
  run.trades.forEach((trade, at) => {
    if (at >= trades.entry.length) growTrades(trades);
    trades.entry[at] = trade.entry - first;
    trades.exit[at] = trade.exit - first;
    trades.side[at] = trade.side === "long" ? 1 : -1;
    trades.reason[at] = EXIT_REASONS.indexOf(trade.reason);
    trades.entryPrice[at] = Number(trade.entryPrice);
    trades.exitPrice[at] = Number(trade.exitPrice);
    trades.quantity[at] = Number(trade.quantity);
    trades.pnl[at] = Number(trade.pnl) + Number(trade.funding);
    trades.fees[at] = Number(trade.fees);
    trades.slippage[at] = Number(trade.slippage);
    trades.funding[at] = Number(trade.funding);
  });
  trades.count = run.trades.length;
  return trades;
}

/**
 * Runs a strategy of either form over history. Columns with rules that the column simulator knows go through it; all else
 * candle by candle through the engine's own rules, in decimals. Both agree where both can run.
 */
export function runStrategy(
  chosen: Chosen,
  request: BacktestRequest,
  history: History,
  options: {
    /** Share done, 0..1. */
    readonly onProgress?: (share: number) => void;
    /** Runs columns through the exact engine too; for comparisons. */
    readonly exact?: boolean;
  } = {},
): RunResult {
  const span = spanOf(history, request);
  const { first, end } = span;
  const { rules } = request;
  const columnRules = options.exact === true ? null : columnRulesOf(rules, history);
  if (chosen.form === "column" && columnRules !== null) {
    const scratch = makeScratch(history.candles.length);
    const { lastMark } = runColumns(chosen, history, columnRules, span, scratch);
    fillCosts(scratch.trades, columnRules);
    return {
      first,
      end,
      equity: scratch.equity.subarray(0, end - first),
      lastMark,
      trades: scratch.trades,
      reasons: null,
      exact: null,
      refused: new Map(),
    };
  }
  const { onProgress } = options;
  const run = new BotRunner(history, deciderOf(chosen, history, rules.allowShort), {
    botId: request.botId,
    rules,
    first,
    end,
    ...(onProgress === undefined
      ? {}
      : {
          onProgress: (index: number) => {
            onProgress((index - first) / (end - first));
          },
        }),
  }).run();
  return {
    first,
    end,
    equity: run.equity,
    lastMark: run.lastMark,
    trades: columnsOfTrades(run, first),
    reasons: run.trades.map(({ entryReason, exitReason }) => ({
      entry: entryReason,
      exit: exitReason,
    })),
    exact: run,
    refused: run.refused,
  };
}
