import type { BotView, BulkOutcome } from "../../../src-preload/contract/bots.ts";
import type { Request } from "../../../src-preload/contract/index.ts";
import type {
  AllocationRow,
  BreakerView,
  DeadManView,
  DrawdownPoint,
  KillBy,
  KillLevel,
  KillOutcome,
  KillView,
  RiskEventView,
  RiskOverview,
  RiskStatus,
} from "../../../src-preload/contract/risk.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import { EngineFault, messageOf } from "../fault.ts";
import type { CandleStore } from "../market/types.ts";
import { money, toNumber } from "../money.ts";
import { allocate, inverseVolatility, yearlyVolatility } from "./allocation.ts";
import { RiskDesk } from "./desk.ts";
import type { DeskParts } from "./desk.ts";
import { KillSwitch } from "./kill-switch.ts";
import { riskOverview } from "./overview.ts";

export interface ControlParts extends Omit<DeskParts, "kill" | "closeAll"> {
  readonly candles: Pick<CandleStore, "range" | "read">;
  readonly bots: {
    list(): readonly BotView[];
    get(id: string): BotView;
    update(id: string, config: BotView["config"]): BotView;
    closePositions(ids: readonly string[]): Promise<BulkOutcome>;
  };
  readonly cancel: (
    botId: string,
  ) => Promise<{ readonly outcome: string; readonly reason?: string } | null>;
}

const HOUR_MS = 3_600_000;
/** Returns that a volatility is taken from. */
const VOLATILITY_CANDLES = 300;

/** What the trader may ask and do about risk. */
export class RiskControl {
  readonly desk: RiskDesk;
  readonly #kill: KillSwitch;
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    const { clock, events, ledger, bots, cancel } = parts;
    const failed = (error: unknown): void =>
      events.emit("log", {
        level: "error",
        event: "risk",
        reason: `The kill switch could not do all of its work and tries again: ${messageOf(error)}`,
      });
    this.#kill = new KillSwitch({
      clock,
      ledger,
      cancel,
      close: (ids) => bots.closePositions(ids),
      onEvent: (event) => this.desk.tell(event),
      onError: failed,
    });
    this.desk = new RiskDesk({
      ...parts,
      kill: () => this.#kill.view(),
      closeAll: (reason) => {
        this.#kill.throw("close", "dead man's switch", reason).catch(failed);
      },
    });
  }

  /** After the books are rebuilt, before the first tick. */
  start(): void {
    this.desk.start(this.#parts.bots.list().map(({ id }) => id));
    this.#kill.start();
  }

  stop(): void {
    this.#kill.stop();
    this.desk.stop();
  }

  /** Throws the kill switch: committed first, then done. See KillSwitch. */
  kill(level: KillLevel, by: KillBy, note = ""): Promise<KillOutcome> {
    return this.#kill.throw(level, by, note);
  }

  release(by: KillBy, note: string): KillView {
    return this.#kill.release(by, note);
  }

  checkIn(): DeadManView | null {
    return this.desk.checkIn();
  }

  /** Throws EngineFault when the breaker has ended meanwhile. */
  resetBreaker(id: string, note: string): void {
    this.desk.reset(id, note);
  }

  lockPair({ symbol, hours, note }: Request<"risk:lock-pair">): BreakerView {
    const until = this.#parts.clock.now() + hours * HOUR_MS;
    return this.desk.lockPair(symbol, until, note);
  }

  status(): RiskStatus {
    return this.desk.status();
  }

  overview(): RiskOverview {
    const { clock, bots, clockOffsetMs } = this.#parts;
    return riskOverview(this.desk, {
      now: clock.now(),
      bots: bots.list().map(({ id, config: { name, timeframe } }) => ({ id, name, timeframe })),
      clockOffsetMs: clockOffsetMs(),
    });
  }

  events(limit: number): readonly RiskEventView[] {
    return this.#parts.ledger.risk.events(limit);
  }

  /** At most `points`, evenly by position, ending with now. */
  drawdown(points: number): readonly DrawdownPoint[] {
    const rows = this.#parts.ledger.risk.drawdown(20_000);
    const now = {
      time: this.#parts.clock.now(),
      drawdownPct: this.desk.equity.portfolio().drawdownPct,
    };
    const all = [...rows.filter(({ time }) => time < now.time), now];
    if (all.length <= points) return all;
    const step = (all.length - 1) / (points - 1);
    return Array.from({ length: points }, (_, i) => all[Math.round(i * step)]).filter(
      (point) => point !== undefined,
    );
  }

  /** Throws EngineFault for a bot that is gone, and for one whose volatility is not known. */
  previewAllocation(query: Request<"risk:allocate-preview">): readonly AllocationRow[] {
    const { bots } = this.#parts;
    const { total, method, capPct } = query;
    const views = [...new Set(query.botIds)].map((id) => bots.get(id));
    const volatility = new Map(
      views.map((bot) => [bot.id, method === "equal" ? null : this.#volatility(bot)]),
    );
    const claims = views.map(({ id }) => {
      const known = volatility.get(id) ?? null;
      return { id, weight: known === null ? 1 : inverseVolatility(known) };
    });
    const parts = new Map(
      allocate(claims, String(total), capPct / 100).map((part) => [part.id, part]),
    );
    return views.map(({ id, config }) => {
      const part = parts.get(id);
      const after = toNumber(part?.amount ?? "0");
      if (after <= 0) {
        throw new EngineFault(
          "invalid",
          `${total} shared among ${views.length} bots leaves nothing for ${config.name}; raise the total.`,
          "total",
        );
      }
      return {
        botId: id,
        botName: config.name,
        symbol: config.symbol,
        before: config.capital,
        after,
        share: toNumber(money(part?.amount ?? "0").div(total)),
        volatility: volatility.get(id) ?? null,
        capped: part?.capped ?? false,
      };
    });
  }

  /** Gives each bot its capital; all or none. Throws EngineFault for a bot that is gone. */
  applyAllocation({ rows }: Request<"risk:allocate-apply">): { readonly changed: number } {
    const { bots, ledger, clock } = this.#parts;
    const wanted = rows.map(({ botId, capital }) => ({ bot: bots.get(botId), capital }));
    const moved = wanted.filter(({ bot, capital }) => bot.config.capital !== capital);
    if (moved.length === 0) return { changed: 0 };
    const sum = wanted.reduce((total, { capital }) => total.plus(capital), money(0));
    const event: RiskEventView = {
      time: clock.now(),
      kind: "allocation",
      action: "applied",
      scope: "",
      reason: `Capital of ${moved.length} bots was set; ${rows.length} bots share ${sum.toFixed(2)} now.`,
      note: "",
    };
    ledger.transaction(() => {
      for (const { bot, capital } of moved) bots.update(bot.id, { ...bot.config, capital });
      ledger.risk.insertEvent(event);
    });
    this.desk.tell(event);
    return { changed: moved.length };
  }

  /** Of the bot's symbol over its newest stored candles, in a year. */
  #volatility({ config }: BotView): number {
    const { candles } = this.#parts;
    const { symbol, timeframe, name } = config;
    const step = timeframeMs(timeframe);
    const range = candles.range(symbol, timeframe);
    const closes =
      range === null
        ? []
        : candles.read(symbol, timeframe, range.last - VOLATILITY_CANDLES * step, range.last + step)
            .close;
    const volatility = yearlyVolatility(closes, step);
    if (Number.isNaN(volatility)) {
      throw new EngineFault(
        "unavailable",
        `The volatility of ${symbol} ${timeframe} is not known yet, so ${name} cannot be weighed; let it tick first, leave it out, or choose Equal.`,
        "method",
      );
    }
    return volatility;
  }
}
