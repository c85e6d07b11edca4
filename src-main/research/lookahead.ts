import { setImmediate } from "node:timers/promises";
import { timeframeMs } from "../../src-preload/contract/time.ts";
import type { Timeframe } from "../../src-preload/contract/time.ts";
import { messageOf } from "../engine/fault.ts";
import { lowerBound, sliceColumns } from "../engine/market/columns.ts";
import type { CandleColumns, MetricName, MetricSeries } from "../engine/market/types.ts";
import { sealed } from "../engine/strategies/sealed.ts";
import type {
  Decision,
  HeldPosition,
  Strategy,
  StrategyInput,
} from "../engine/strategies/types.ts";

type Params = Readonly<Record<string, unknown>>;

/** What the check asks of a strategy; one that runs in another process may answer with promises. */
export interface CheckedStrategy extends Pick<Strategy, "id" | "warmup" | "needs"> {
  decide(input: StrategyInput<Params>): Decision | Promise<Decision>;
}

export interface LookaheadRequest {
  readonly strategy: CheckedStrategy;
  /** Parsed parameters. */
  readonly params: Params;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Closed candles, oldest first; the first warm-up of them is not decided on. */
  readonly candles: CandleColumns;
  readonly references?: ReadonlyMap<string, CandleColumns>;
  /** Values by name, with the time from which each may be known. */
  readonly metrics?: ReadonlyMap<MetricName, MetricSeries>;
  readonly allowShort?: boolean;
  readonly signal?: AbortSignal;
  /** Called now and then with the share done, 0..1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * What a finding shows. `look_ahead`: the decision is another one when what came later is cut off, so the strategy saw it
 * (or remembers earlier calls). `unstable`: the same input twice in a row gives two decisions. `older_history`: with
 * ten times the warm-up the decision is another one, so the warm-up it declares is too short.
 */
export type FindingKind = "look_ahead" | "unstable" | "older_history";

interface LookaheadFinding {
  readonly kind: FindingKind;
  /** Open time of the candle decided on, ms UTC. */
  readonly candleTime: number;
  /** The decision in the walk over all history, as its action and reason. */
  readonly one: string;
  /** The other decision on that candle. */
  readonly other: string;
}

export interface LookaheadReport {
  readonly strategy: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly warmup: number;
  /** Decisions that were compared with that on a truncated history. */
  readonly decisions: number;
  readonly entries: number;
  readonly exits: number;
  readonly stops: number;
  /** Open times of the first and the last candle decided on, ms UTC; null when there was none. */
  readonly from: number | null;
  readonly to: number | null;
  /** True when every decision is unchanged. */
  readonly passed: boolean;
  /** How many there are of each kind. */
  readonly found: Readonly<Record<FindingKind, number>>;
  /** The first of them, by kind and time. */
  readonly findings: readonly LookaheadFinding[];
  /** What weakens the proof, in sentences: errors, no entries, too few candles. */
  readonly notes: readonly string[];
}

const FINDINGS_SHOWN = 20;
/** Candles on which the warm-up is put to the test, and how much more history they then get. */
const WARMUP_SAMPLES = 200;
const WARMUP_TIMES = 10;
/** Decisions between two turns of the event loop, which let an abort and the progress through. */
const TURN_EVERY = 500;

/** One candle of the walk: what was asked, and what came of it. */
interface Step {
  readonly index: number;
  readonly position: HeldPosition | null;
  readonly answer: Answer;
}

interface Answer {
  /** The whole decision as JSON: what must not change. */
  readonly bytes: string;
  /** For people. */
  readonly words: string;
  readonly decision: Decision | null;
}

/**
 * Runs a strategy over a history and proves that no decision changes when what came later is cut off.
 *
 * The walk hands it views on the whole history, the future behind them in the same buffers; then, from the newest
 * candle back to the oldest, each decision is asked again on a copy that ends with its candle. One that reads
 * beyond its columns, a metric before it was published, or its own memory of other calls decides differently there.
 * Rejects only when the signal is aborted; an error of the strategy counts as its decision.
 */
export async function checkLookahead(request: LookaheadRequest): Promise<LookaheadReport> {
  const check = new Check(request);
  await check.walk();
  await check.truncate();
  await check.lengthen();
  return check.report();
}

class Check {
  readonly #request: LookaheadRequest;
  readonly #warmup: number;
  /** How far back the engine hands metrics, ms. */
  readonly #metricWindow: number;
  readonly #steps: Step[] = [];
  readonly #findings: LookaheadFinding[] = [];
  readonly #found: Record<FindingKind, number> = { look_ahead: 0, unstable: 0, older_history: 0 };
  readonly #counts = { entries: 0, exits: 0, stops: 0, errors: 0 };
  #firstError = "";
  #asked = 0;

  constructor(request: LookaheadRequest) {
    this.#request = request;
    const { strategy, params, symbol } = request;
    this.#warmup = Math.max(1, strategy.warmup(params));
    this.#metricWindow = strategy.needs(params, symbol).metricWindowMs;
  }

  /** Trades over all history, oldest candle first: in at the close, out at the stop or by the exit rule. */
  async walk(): Promise<void> {
    const { candles } = this.#request;
    let position = null as HeldPosition | null;
    for (let index = this.#warmup - 1; index < candles.length; index++) {
      await this.#pause((index / candles.length) * 0.5);
      if (position !== null) {
        const stopped: boolean =
          position.side === "long"
            ? (candles.low[index] as number) <= position.stopPrice
            : (candles.high[index] as number) >= position.stopPrice;
        if (stopped) this.#counts.stops += 1;
        position = stopped ? null : { ...position, candlesHeld: position.candlesHeld + 1 };
      }
      const answer = await this.#ask(this.#open(index, this.#warmup, position));
      this.#steps.push({ index, position, answer });
      const { decision } = answer;
      if (decision === null) this.#failed(answer.words);
      else if (decision.action === "enter" && position === null) {
        this.#counts.entries += 1;
        position = {
          side: decision.side,
          entryPrice: candles.close[index] as number,
          stopPrice: decision.stopPrice,
          candlesHeld: 0,
        };
      } else if (decision.action === "exit" && position !== null) {
        this.#counts.exits += 1;
        position = null;
      }
    }
  }

  /** Asks each decision again on a history that ends there, newest candle first. */
  async truncate(): Promise<void> {
    for (const [i, { index, position, answer }] of this.#steps.toReversed().entries()) {
      await this.#pause(0.5 + (0.45 * i) / this.#steps.length);
      const cut = await this.#ask(sealed(this.#open(index, this.#warmup, position)));
      if (cut.bytes === answer.bytes) continue;
      const again = await this.#ask(sealed(this.#open(index, this.#warmup, position)));
      if (again.bytes === cut.bytes) this.#find("look_ahead", index, answer, cut);
      else this.#find("unstable", index, cut, again);
    }
  }

  /** Asks some decisions again with more history than the declared warm-up. */
  async lengthen(): Promise<void> {
    const every = Math.max(1, Math.ceil(this.#steps.length / WARMUP_SAMPLES));
    for (let i = this.#steps.length - 1; i >= 0; i -= every) {
      const step = this.#steps[i];
      if (step === undefined) return;
      await this.#pause(0.95);
      const { index, position, answer } = step;
      const more = await this.#ask(
        sealed(this.#open(index, WARMUP_TIMES * this.#warmup, position)),
      );
      if (!alike(answer.decision, more.decision)) {
        this.#find("older_history", index, answer, more);
      }
    }
  }

  report(): LookaheadReport {
    const { strategy, symbol, timeframe, candles } = this.#request;
    const { entries, exits, stops, errors } = this.#counts;
    const decisions = this.#steps.length;
    const notes: string[] = [];
    if (decisions === 0) {
      notes.push(
        `Nothing was checked: there are ${candles.length} candles and the warm-up is ${this.#warmup}; give more candles.`,
      );
    } else if (entries === 0) {
      notes.push(
        `There was no entry in ${decisions} decisions (the last one: ${this.#steps.at(-1)?.answer.words ?? ""}); a longer or livelier history proves more.`,
      );
    }
    if (errors > 0) {
      notes.push(`The strategy failed on ${errors} candles, first with: ${this.#firstError}`);
    }
    const at = (index: number | undefined): number | null =>
      index === undefined ? null : (candles.time[index] ?? null);
    return {
      strategy: strategy.id,
      symbol,
      timeframe,
      warmup: this.#warmup,
      decisions,
      entries,
      exits,
      stops,
      from: at(this.#steps[0]?.index),
      to: at(this.#steps.at(-1)?.index),
      passed: decisions > 0 && errors === 0 && this.#findings.length === 0,
      found: this.#found,
      findings: this.#findings.toSorted(byKindAndTime).slice(0, FINDINGS_SHOWN),
      notes,
    };
  }

  /**
   * The input on the candle at `index` as views: they end there, but the buffers behind them hold all history. At
   * most the last `length` candles, as the engine hands out.
   */
  #open(index: number, length: number, position: HeldPosition | null): StrategyInput<Params> {
    const { strategy: _, candles, symbol, timeframe, params, ...rest } = this.#request;
    const open = candles.time[index] ?? Number.NaN;
    const time = open + timeframeMs(timeframe);
    const last = (columns: CandleColumns): CandleColumns => {
      const end = lowerBound(columns.time, columns.length, open + 1);
      return sliceColumns(columns, Math.max(0, end - length), end);
    };
    return {
      symbol,
      timeframe,
      candles: last(candles),
      time,
      reference: (name) => {
        const columns = name === symbol ? candles : rest.references?.get(name);
        return columns === undefined ? null : last(columns);
      },
      metric: (name) => {
        const series = rest.metrics?.get(name);
        if (series === undefined) return null;
        const from = lowerBound(series.time, series.length, time - this.#metricWindow);
        const end = lowerBound(series.time, series.length, time + 1);
        if (from === end) return null;
        return {
          length: end - from,
          time: series.time.subarray(from, end),
          value: series.value.subarray(from, end),
        };
      },
      position,
      params,
      allowShort: rest.allowShort ?? true,
    };
  }

  async #ask(input: StrategyInput<Params>): Promise<Answer> {
    try {
      const decision = await this.#request.strategy.decide(input);
      return {
        bytes: JSON.stringify(decision),
        words: `${decision.action}: ${decision.reason}`,
        decision,
      };
    } catch (error) {
      const words = messageOf(error);
      return { bytes: `error ${words}`, words, decision: null };
    }
  }

  #failed(words: string): void {
    if (this.#counts.errors === 0) this.#firstError = words;
    this.#counts.errors += 1;
  }

  #find(kind: FindingKind, index: number, one: Answer, other: Answer): void {
    this.#found[kind] += 1;
    this.#findings.push({
      kind,
      candleTime: this.#request.candles.time[index] ?? Number.NaN,
      one: one.words,
      other: other.words,
    });
  }

  async #pause(share: number): Promise<void> {
    this.#asked += 1;
    if (this.#asked % TURN_EVERY !== 0) return;
    await setImmediate();
    this.#request.signal?.throwIfAborted();
    this.#request.onProgress?.(share);
  }
}

const KINDS: readonly FindingKind[] = ["look_ahead", "unstable", "older_history"];
const byKindAndTime = (a: LookaheadFinding, b: LookaheadFinding): number =>
  KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.candleTime - b.candleTime;

/** Whether two decisions are the same but for the last digits of their figures: settled to 1e-9. */
function alike(one: Decision | null, other: Decision | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.action !== other.action) return false;
  if (one.action !== "enter" || other.action !== "enter") return true;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(a);
  return (
    one.side === other.side &&
    near(one.stopPrice, other.stopPrice) &&
    near(one.confidence, other.confidence) &&
    near(one.sizeFactor, other.sizeFactor)
  );
}
