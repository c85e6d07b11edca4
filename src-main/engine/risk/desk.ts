import type { BotConfig } from "../../../src-preload/contract/bots.ts";
import type { KillView, RiskEventView, RiskStatus } from "../../../src-preload/contract/risk.ts";
import type { BreakerView, DeadManView } from "../../../src-preload/contract/risk.ts";
import type { RiskLimits } from "../../../src-preload/contract/risk-limits.ts";
import { timeframeMs } from "../../../src-preload/contract/time.ts";
import type { Timeframe } from "../../../src-preload/contract/time.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { EventBus } from "../event-bus.ts";
import type { EngineEvents } from "../events.ts";
import { EngineFault } from "../fault.ts";
import { money, toNumber } from "../money.ts";
import type { Portfolio } from "../portfolio/portfolio.ts";
import type { LedgerStore, StoredBreaker, StoredOrder, StoredPosition } from "../store-port.ts";
import { Breakers } from "./breakers.ts";
import { CorrelationBook } from "./correlation-book.ts";
import { deadManSentence } from "./dead-man.ts";
import { EquityWatch } from "./equity-watch.ts";
import { STOPS_KEPT_MS, StopLog } from "./stop-log.ts";
import { TraderWatch } from "./trader-watch.ts";
import type { OpenExposure, Surroundings } from "./types.ts";

export interface DeskParts {
  readonly clock: Clock;
  readonly events: EventBus<EngineEvents>;
  readonly ledger: LedgerStore;
  readonly portfolio: Pick<Portfolio, "account" | "exposures" | "fleet">;
  readonly limits: () => RiskLimits;
  /** Wall time of a trader who can check in, ms UTC; left out where there is none: the dead man's switch is off. */
  readonly wall?: () => number;
  readonly clockOffsetMs: () => number | null;
  readonly kill: () => KillView;
  /** The dead man's switch asks for all positions to be closed. */
  readonly closeAll: (reason: string) => void;
  readonly nameOf: (botId: string) => string | undefined;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CAPITAL = "risk_capital";
const STOPS_READ = 1000;

const dayEnd = (now: number): number => (Math.floor(now / DAY_MS) + 1) * DAY_MS;

/**
 * Keeps what the layers judge by: peaks and losses, breakers, stops, orders under way, correlation, the state of the
 * system. It trips breakers as soon as a limit is crossed, whether or not anybody wants to enter.
 */
export class RiskDesk {
  readonly breakers: Breakers;
  readonly equity: EquityWatch;
  readonly stops: StopLog;
  readonly correlation = new CorrelationBook();
  readonly #parts: DeskParts;
  /** Entries that the venue has not answered, by bot. */
  readonly #underWay = new Map<string, OpenExposure>();
  #orders: number[] = [];
  #failures: number[] = [];
  #stall: { readonly at: number; readonly ms: number } | null = null;
  #savedHour = 0;
  readonly #trader: TraderWatch;
  #offs: Cancel[] = [];

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { ledger } = parts;
    this.breakers = new Breakers(ledger.risk, (event) => this.tell(event));
    this.#trader = new TraderWatch({ ...parts, tell: (event) => this.tell(event) });
    this.equity = new EquityWatch(ledger.risk.peaks());
    this.stops = new StopLog((botId, limit) =>
      ledger.positions
        .closed({ botId, limit })
        .filter((position) => position.entryPrice !== null)
        .map((position) => toNumber(position.realisedPnl))
        .toReversed(),
    );
  }

  /** After the books are rebuilt and before the first tick: reads what the ledger knows, and listens. */
  start(botIds: readonly string[]): void {
    const { clock, events, ledger, portfolio } = this.#parts;
    const now = clock.now();
    for (const id of botIds) this.equity.observe(id, portfolio.account(id), now);
    const capital = ledger.values.get(CAPITAL);
    this.equity.ready(
      now,
      portfolio.fleet().pnlToday,
      typeof capital === "number" ? capital : null,
    );
    this.#savedHour = Math.floor(now / HOUR_MS);
    for (const position of ledger.positions.closed({ limit: STOPS_READ }).toReversed()) {
      if ((position.closedAt ?? 0) > now - STOPS_KEPT_MS) this.#closed(position);
    }
    for (const order of ledger.orders.open()) this.intended(order);
    this.#offs = [
      events.on("bot", ({ botId, removed }) => {
        if (removed) this.#forget(botId);
        else this.observe(botId);
      }),
      events.on("portfolio", ({ botId }) => this.observe(botId)),
    ];
    this.#trader.start();
    for (const id of botIds) this.#judge(id);
  }

  stop(): void {
    this.#trader.stop();
    for (const off of this.#offs) off();
    this.#offs = [];
    this.#save(this.#parts.clock.now());
  }

  get limits(): RiskLimits {
    return this.#parts.limits();
  }

  /** A bot's worth changed. */
  observe(botId: string): void {
    const { clock, portfolio, nameOf } = this.#parts;
    // A bot that is just being created or deleted has no books.
    if (nameOf(botId) === undefined) return;
    const now = clock.now();
    this.equity.observe(botId, portfolio.account(botId), now);
    this.#judge(botId);
    const hour = Math.floor(now / HOUR_MS);
    if (hour > this.#savedHour) this.#save(now);
  }

  /** An intent was committed. */
  intended(order: StoredOrder): void {
    this.#orders.push(order.createdAt);
    if (order.purpose !== "entry") return;
    this.#underWay.set(order.botId, {
      botId: order.botId,
      symbol: order.symbol,
      side: order.side === "buy" ? "long" : "short",
      value: toNumber(money(order.quantity).times(order.expectedPrice)),
    });
  }

  /** A position changed. */
  applied(position: StoredPosition): void {
    if (position.state !== "OPENING") this.#underWay.delete(position.botId);
    if (position.state !== "CLOSED" || position.entryPrice === null) return;
    this.stops.closed(position.botId, toNumber(position.realisedPnl));
    if (this.#closed(position)) this.#judgeStops(position);
  }

  /** A request to the exchange failed for a reason of the exchange or of the way to it. */
  failed(): void {
    this.#failures.push(this.#parts.clock.now());
    // What is older than the longest window tells nothing.
    if (this.#failures.length > 20_000) this.#failures = this.#failures.slice(-10_000);
  }

  /** The process stood still. */
  stalled(ms: number): void {
    this.#stall = { at: this.#parts.clock.now(), ms };
  }

  /** What an entry stands in now; `candleTime` is the open time of the candle decided on, ms UTC. */
  surroundings(
    botId: string,
    { symbol, timeframe }: Pick<BotConfig, "symbol" | "timeframe">,
    candleTime: number,
  ): Surroundings {
    this.observe(botId);
    const { clock, limits: read, kill, clockOffsetMs } = this.#parts;
    const now = clock.now();
    const limits = read();
    const candleMs = timeframeMs(timeframe);
    return {
      time: now,
      limits,
      kill: kill(),
      trades: this.stops.trades(botId, limits.kellyWindowTrades),
      open: this.open().filter((held) => held.botId !== botId),
      correlation: (a, b) =>
        this.correlation.correlation(a, b, limits.correlationCandles, timeframe),
      equity: this.equity.portfolio().equity,
      ordersInMinute: this.ordersInMinute(now),
      bot: this.equity.bot(botId),
      portfolio: this.equity.portfolio(),
      breakers: this.breakers
        .list(now)
        .filter(({ scope }) => scope === "" || scope === botId || scope === symbol)
        .map((breaker) => this.label(breaker)),
      candleClosedAt: candleTime + candleMs,
      candleMs,
      clockOffsetMs: clockOffsetMs(),
      exchangeFailures: this.failuresInWindow(now),
      stall: this.#stall,
      deadMan: this.deadMan()?.state ?? null,
      cooldownUntil: this.cooldownUntil(botId, timeframe),
      stops: {
        fleet: this.stops.count(now - limits.guardMinutes * MINUTE_MS),
        symbol: this.stops.count(now - limits.pairMinutes * MINUTE_MS, symbol),
      },
    };
  }

  /** Why a bot without a position does not even decide, or null. */
  restsFlat(): { readonly label: string; readonly detail: string } | null {
    const detail =
      this.deadMan()?.state === "stopped" ? deadManSentence("stopped", this.limits) : null;
    return detail === null ? null : { label: "Dead man's switch", detail };
  }

  /** Positions and entries under way of all bots. */
  open(): readonly OpenExposure[] {
    const held = this.#parts.portfolio.exposures();
    return [
      ...held.map((position) => this.#underWay.get(position.botId) ?? position),
      ...[...this.#underWay.values()].filter(
        ({ botId }) => !held.some((position) => position.botId === botId),
      ),
    ];
  }

  /** End of the bot's cooldown, ms UTC; null when none was begun or it is over. */
  cooldownUntil(botId: string, timeframe: Timeframe): number | null {
    const last = this.stops.lastStop(botId);
    if (last === null) return null;
    const until = last + this.limits.cooldownCandles * timeframeMs(timeframe);
    return until > this.#parts.clock.now() ? until : null;
  }

  ordersInMinute(now: number): number {
    this.#orders = this.#orders.filter((time) => time > now - MINUTE_MS);
    return this.#orders.length;
  }

  failuresInWindow(now: number): number {
    const from = now - this.limits.exchangeMinutes * MINUTE_MS;
    let count = 0;
    for (let i = this.#failures.length - 1; i >= 0 && (this.#failures[i] ?? 0) > from; i -= 1)
      count += 1;
    return count;
  }

  /** Null where nobody is there to check in, or the switch is off. */
  deadMan(): DeadManView | null {
    return this.#trader.view();
  }

  /** The trader is there. */
  checkIn(): DeadManView | null {
    return this.#trader.checkIn();
  }

  /** Ends a breaker because the trader says so; throws EngineFault when there is none. */
  reset(id: string, note: string): void {
    const now = this.#parts.clock.now();
    this.breakers.list(now);
    const breaker = this.breakers.reset(id, now, note);
    if (breaker === null) {
      throw new EngineFault(
        "not_found",
        "There is no such breaker any more; it may have ended by itself.",
      );
    }
    const { kind, scope } = breaker;
    if (kind === "bot_drawdown" || kind === "portfolio_drawdown") this.equity.resetPeak(scope);
    if (kind === "daily_loss") this.equity.resetDay();
    if (kind === "bot_daily_loss") this.equity.forgiveDay(scope, now);
    this.#save(now);
  }

  /** Keeps all bots from entering a symbol until a time, ms UTC. */
  lockPair(symbol: string, until: number, note: string): BreakerView {
    const trippedAt = this.#parts.clock.now();
    const reason = `${symbol} was locked by hand.`;
    return this.label(
      this.breakers.trip({ kind: "pair_lock", scope: symbol, trippedAt, until, reason }, note),
    );
  }

  status(): RiskStatus {
    return {
      kill: this.#parts.kill(),
      deadMan: this.deadMan(),
      breakers: this.breakers.list(this.#parts.clock.now()).length,
    };
  }

  label(breaker: StoredBreaker): BreakerView {
    const { scope } = breaker;
    return {
      ...breaker,
      scopeLabel: scope === "" ? "Portfolio" : (this.#parts.nameOf(scope) ?? scope),
    };
  }

  tell(event: RiskEventView): void {
    const { events } = this.#parts;
    events.emit("log", {
      level: event.action === "tripped" || event.action === "thrown" ? "warn" : "info",
      event: "risk",
      reason: `${event.reason}${event.action === "reset" ? " Reset by the trader." : ""}${event.note === "" ? "" : ` Note: ${event.note}`}`,
    });
    events.emit("risk", event);
  }

  #judge(botId: string): void {
    const now = this.#parts.clock.now();
    const limits = this.limits;
    const bot = this.equity.bot(botId);
    const all = this.equity.portfolio();
    const name = this.#parts.nameOf(botId) ?? botId;
    const trip = (
      kind: StoredBreaker["kind"],
      scope: string,
      until: number | null,
      reason: string,
    ): void => {
      if (!this.breakers.has(kind, scope))
        this.breakers.trip({ kind, scope, trippedAt: now, until, reason });
    };
    if (bot.drawdownPct >= limits.botDrawdownPct) {
      trip(
        "bot_drawdown",
        botId,
        null,
        `${name} fell ${bot.drawdownPct.toFixed(2)} % from its peak; the limit is ${limits.botDrawdownPct} %.`,
      );
    }
    if (bot.dayLossPct >= limits.botDailyLossPct) {
      trip(
        "bot_daily_loss",
        botId,
        dayEnd(now),
        `${name} lost ${bot.dayLossPct.toFixed(2)} % today; the limit is ${limits.botDailyLossPct} %.`,
      );
    }
    if (all.drawdownPct >= limits.portfolioDrawdownPct) {
      trip(
        "portfolio_drawdown",
        "",
        null,
        `The portfolio fell ${all.drawdownPct.toFixed(2)} % from its peak; the limit is ${limits.portfolioDrawdownPct} %.`,
      );
    }
    if (all.dayLossPct >= limits.dailyLossPct) {
      trip(
        "daily_loss",
        "",
        dayEnd(now),
        `The portfolio lost ${all.dayLossPct.toFixed(2)} % today; the limit is ${limits.dailyLossPct} %.`,
      );
    }
  }

  /** True when the position was closed by its stop. */
  #closed(position: StoredPosition): boolean {
    const { botId, symbol, closedAt } = position;
    const [last] = this.#parts.ledger.orders.list({ positionId: position.id, limit: 1 });
    if (last?.purpose !== "stop" || closedAt === null) return false;
    this.stops.stopped({ botId, symbol, time: closedAt });
    return true;
  }

  #judgeStops({ symbol }: StoredPosition): void {
    const now = this.#parts.clock.now();
    const limits = this.limits;
    const fleet = this.stops.count(now - limits.guardMinutes * MINUTE_MS);
    if (limits.guardStops > 0 && fleet >= limits.guardStops) {
      const until = now + limits.guardPauseMinutes * MINUTE_MS;
      const reason = `${fleet} stops were hit in ${limits.guardMinutes} min; the limit is ${limits.guardStops}.`;
      this.breakers.trip({ kind: "stop_guard", scope: "", trippedAt: now, until, reason });
    }
    const pair = this.stops.count(now - limits.pairMinutes * MINUTE_MS, symbol);
    if (limits.pairStops > 0 && pair >= limits.pairStops) {
      const until = now + limits.pairLockMinutes * MINUTE_MS;
      const reason = `${pair} stops were hit in ${symbol} in ${limits.pairMinutes} min; the limit is ${limits.pairStops}.`;
      this.breakers.trip({ kind: "pair_lock", scope: symbol, trippedAt: now, until, reason });
    }
  }

  #forget(botId: string): void {
    this.equity.forget(botId);
    this.stops.forget(botId);
    this.#underWay.delete(botId);
    this.breakers.forget(botId, this.#parts.clock.now());
  }

  /** Peaks and a point of the drawdown: once an hour, as the equity's rows, so that no tick waits for the disk. */
  #save(now: number): void {
    this.#savedHour = Math.floor(now / HOUR_MS);
    const { drawdownPct } = this.equity.portfolio();
    const rows = this.equity.takeUnsaved();
    const { ledger } = this.#parts;
    ledger.transaction(() => {
      ledger.risk.save(rows, { time: now, drawdownPct });
      ledger.values.set(CAPITAL, this.equity.capital());
    });
  }
}
