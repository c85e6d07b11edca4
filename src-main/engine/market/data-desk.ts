import type { CoverageView, DataResponses } from "../../../src-preload/contract/data.ts";
import type { Request } from "../../../src-preload/contract/index.ts";
import type { MarketResponses } from "../../../src-preload/contract/market.ts";
import { TIMEFRAMES, timeframeMs, type Timeframe } from "../../../src-preload/contract/time.ts";
import type { Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { sourceOf, type DerivedTimeframes } from "../exchange/derived-timeframes.ts";
import { messageOf } from "../fault.ts";
import { Backfill } from "./backfill.ts";
import type { BackfillStore } from "./backfill-job.ts";
import { CandleService } from "./candle-service.ts";
import { Findings, type FindingStore } from "./findings.ts";
import { MarketOverview } from "./overview.ts";
import type { CandleStore } from "./types.ts";

/** Findings that are kept. */
const KEPT_FINDINGS = 10_000;

interface DataDeskParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly exchange: DerivedTimeframes;
  readonly candles: CandleStore;
  readonly findings: FindingStore;
  readonly backfills: BackfillStore;
  readonly settleMs: number;
  readonly busy: () => boolean;
  /** One for each bot. */
  readonly inUse: () => readonly { readonly symbol: string; readonly timeframe: Timeframe }[];
  /** As far as the exchange has told them. */
  readonly symbols: () => readonly string[];
}

/** Everything about stored market data: the candle service for ticks, backfills, findings, regimes and correlations. */
export class DataDesk {
  readonly service: CandleService;
  readonly #parts: DataDeskParts;
  readonly #backfill: Backfill;
  readonly #overview: MarketOverview;
  readonly #seriesChanged: (symbol: string, timeframe: Timeframe) => void;

  constructor(parts: DataDeskParts) {
    this.#parts = parts;
    const { clock, events, exchange, candles } = parts;
    const note = (reason: string): void => {
      events.emit("log", { level: "warn", event: "market", reason });
    };
    const changed = (): void => events.emit("data", null);
    const findings = new Findings(parts.findings, clock, (error) => {
      note(`A finding could not be kept: ${messageOf(error)}`);
    });
    this.#overview = new MarketOverview({ store: candles, inUse: parts.inUse });
    const seriesChanged = (symbol: string, timeframe: Timeframe): void => {
      this.#overview.changed(symbol, timeframe);
      events.emit("market", { symbol, timeframe });
    };
    this.#seriesChanged = seriesChanged;
    this.service = new CandleService({
      clock,
      exchange,
      store: candles,
      onNote: note,
      settleMs: parts.settleMs,
      watcher: {
        onClosed: seriesChanged,
        onGap: (symbol, timeframe) => {
          this.#backfill.gapFound(symbol, timeframe);
          changed();
        },
        onRevised: (symbol, timeframe, changes) => {
          findings.revised(symbol, timeframe, changes);
          seriesChanged(symbol, timeframe);
          changed();
        },
        onRefused: (symbol, timeframe, refused) => {
          findings.refused(symbol, timeframe, refused);
          changed();
        },
        onLate: (symbol, timeframe, expected) => {
          findings.late(symbol, timeframe, expected);
          changed();
        },
      },
    });
    this.#backfill = new Backfill({
      clock,
      exchange,
      store: candles,
      findings,
      jobs: parts.backfills,
      busy: parts.busy,
      refresh: (symbol, timeframe) => {
        this.service.refresh(symbol, timeframe);
        seriesChanged(symbol, timeframe);
      },
      symbols: () => {
        const known = parts.symbols();
        return known.length === 0 ? null : new Set(known);
      },
      onChanged: changed,
      onNote: note,
    });
  }

  start(): void {
    this.#parts.findings.prune(KEPT_FINDINGS);
    this.#backfill.start();
  }

  stop(): Promise<void> {
    return this.#backfill.stop();
  }

  /** A file brought candles into the store: what is in memory takes them too; once it `ended`, everybody is told. */
  imported(symbol: string, timeframe: Timeframe, ended: boolean): void {
    this.service.refresh(symbol, timeframe);
    if (!ended) return;
    this.#seriesChanged(symbol, timeframe);
    this.#parts.events.emit("data", null);
  }

  coverage(): readonly CoverageView[] {
    return this.#parts.candles
      .coverage()
      .toSorted(
        (a, b) =>
          a.symbol.localeCompare(b.symbol) || timeframeMs(a.timeframe) - timeframeMs(b.timeframe),
      )
      .map((series) => {
        const length = timeframeMs(series.timeframe);
        const gaps = series.gaps.map((gap) => ({ ...gap, missing: (gap.to - gap.from) / length }));
        return { ...series, gaps, missing: gaps.reduce((sum, gap) => sum + gap.missing, 0) };
      });
  }

  timeframes(): DataResponses["data:timeframes"] {
    const { own, timeframes } = this.#parts.exchange;
    return TIMEFRAMES.filter((each) => timeframes.has(each)).map((timeframe) => {
      const source = sourceOf(timeframe, own);
      return { timeframe, builtFrom: source === timeframe ? null : source };
    });
  }

  backfills(): DataResponses["data:backfills"] {
    return this.#backfill.list();
  }

  /** Throws EngineFault. */
  backfill(order: Request<"data:backfill">): DataResponses["data:backfill"] {
    return this.#backfill.order(order);
  }

  pause(ids: readonly number[]): void {
    this.#backfill.pause(ids);
  }

  resume(ids: readonly number[]): void {
    this.#backfill.resume(ids);
  }

  cancel(ids: readonly number[]): void {
    this.#backfill.cancel(ids);
  }

  clear(): void {
    this.#backfill.clear();
  }

  findings(query: Request<"data:findings">): DataResponses["data:findings"] {
    return this.#parts.findings.list(query);
  }

  regimes(): MarketResponses["market:regime"] {
    return this.#overview.regimes();
  }

  correlations(timeframe: Timeframe | null): MarketResponses["market:correlation"] {
    return this.#overview.correlations(timeframe);
  }
}
