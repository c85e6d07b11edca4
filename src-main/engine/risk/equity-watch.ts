/** Worth of one bot, quote currency. */
interface BotWorth {
  capital: number;
  equity: number;
  peak: number;
  dayLossPct: number;
  /** Loss of `forgivenDay` that a reset has forgiven, 0..100. */
  forgivenPct: number;
  forgivenDay: number;
}

/** One row to keep; `scope` is a bot id, or empty for the portfolio. */
export interface PeakRow {
  readonly scope: string;
  readonly peak: number;
}

const DAY_MS = 86_400_000;
const down = (value: number, from: number): number =>
  from > 0 ? Math.max(0, (1 - value / from) * 100) : 0;

/**
 * Peaks, drawdowns and losses of the day of all bots and of the portfolio. Capital that comes or goes is no gain and no
 * loss: peaks and the start of the day move in proportion, as in a fund's unit value, so that a deposit neither
 * hides a drawdown nor makes one. Figures in quote currency, percentages 0..100.
 */
export class EquityWatch {
  readonly #bots = new Map<string, BotWorth>();
  readonly #stored: Map<string, number>;
  readonly #unsaved = new Set<string>();
  #equity = 0;
  #peak: number | null;
  #day: number | null = null;
  #dayStart = 0;
  /** True until `ready`: what is registered at a start was there before. */
  #loading = true;

  constructor(peaks: ReadonlyMap<string, number>) {
    this.#stored = new Map(peaks);
    this.#peak = peaks.get("") ?? null;
  }

  /**
   * All bots of the store are known. `pnlToday` is that of the portfolio; `capital` was that of all bots when the peaks
   * were kept, null where that is not known: a bot that cannot run in this version takes no drawdown with it.
   */
  ready(now: number, pnlToday: number, capital: number | null): void {
    this.#loading = false;
    const present = this.capital();
    if (
      this.#peak !== null &&
      capital !== null &&
      capital > 0 &&
      Math.abs(present - capital) >= 0.005
    )
      this.#peak *= present / capital;
    this.#day = Math.floor(now / DAY_MS);
    this.#dayStart = this.#equity - pnlToday;
    this.#peak = Math.max(this.#peak ?? 0, this.#equity);
  }

  /** A bot's worth as it is now. `pnlToday` is its own since 00:00 UTC. */
  observe(
    botId: string,
    {
      equity,
      pnlTotal,
      pnlToday,
    }: { readonly equity: number; readonly pnlTotal: number; readonly pnlToday: number },
    now: number,
  ): void {
    this.#roll(now);
    const capital = equity - pnlTotal;
    const known = this.#bots.get(botId);
    const dayLossPct = down(equity, equity - pnlToday);
    if (known === undefined) {
      const peak = Math.max(equity, this.#stored.get(botId) ?? capital);
      this.#bots.set(botId, { capital, equity, peak, dayLossPct, forgivenPct: 0, forgivenDay: 0 });
      this.#flow(equity);
      if (peak !== this.#stored.get(botId)) this.#unsaved.add(botId);
      return;
    }
    // Sums of binary numbers are off in their last digits; a change of capital is at least a cent.
    const deposit = capital - known.capital;
    if (Math.abs(deposit) >= 0.005) {
      if (known.equity > 0) known.peak *= Math.max(0, known.equity + deposit) / known.equity;
      known.equity += deposit;
      known.capital = capital;
      this.#flow(deposit);
      this.#unsaved.add(botId);
    }
    this.#equity += equity - known.equity;
    known.equity = equity;
    known.dayLossPct = dayLossPct;
    if (equity > known.peak) {
      known.peak = equity;
      this.#unsaved.add(botId);
    }
    this.#raise();
  }

  /** Of all bots, quote currency. */
  capital(): number {
    let sum = 0;
    for (const bot of this.#bots.values()) sum += bot.capital;
    return sum;
  }

  forget(botId: string): void {
    const known = this.#bots.get(botId);
    if (known === undefined) return;
    this.#bots.delete(botId);
    this.#unsaved.delete(botId);
    this.#flow(-known.equity);
  }

  bot(botId: string): {
    readonly equity: number;
    readonly peak: number;
    readonly drawdownPct: number;
    readonly dayLossPct: number;
  } {
    const known = this.#bots.get(botId);
    if (known === undefined) return { equity: 0, peak: 0, drawdownPct: 0, dayLossPct: 0 };
    const { equity, peak, dayLossPct, forgivenPct, forgivenDay } = known;
    const forgiven = forgivenDay === this.#day ? forgivenPct : 0;
    return {
      equity,
      peak,
      drawdownPct: down(equity, peak),
      dayLossPct: Math.max(0, dayLossPct - forgiven),
    };
  }

  portfolio(): {
    readonly equity: number;
    readonly peak: number;
    readonly drawdownPct: number;
    readonly dayLossPct: number;
  } {
    const peak = Math.max(this.#peak ?? 0, this.#equity);
    return {
      equity: this.#equity,
      peak,
      drawdownPct: down(this.#equity, peak),
      dayLossPct: down(this.#equity, this.#dayStart),
    };
  }

  /** From here on the drawdown counts anew; `scope` is a bot id, or empty for the portfolio. */
  resetPeak(scope: string): void {
    if (scope === "") this.#peak = this.#equity;
    const known = this.#bots.get(scope);
    if (known !== undefined) known.peak = known.equity;
    this.#unsaved.add(scope);
  }

  /** From here on the day's loss of the portfolio counts anew. */
  resetDay(): void {
    this.#dayStart = this.#equity;
  }

  /** From here on the bot's loss of the day counts anew. */
  forgiveDay(botId: string, now: number): void {
    const known = this.#bots.get(botId);
    if (known === undefined) return;
    known.forgivenPct = known.dayLossPct;
    known.forgivenDay = Math.floor(now / DAY_MS);
  }

  /** Peaks that changed since the last call. */
  takeUnsaved(): readonly PeakRow[] {
    const rows = [...this.#unsaved].flatMap((scope) => {
      const peak = scope === "" ? this.#peak : this.#bots.get(scope)?.peak;
      return peak == null ? [] : [{ scope, peak }];
    });
    this.#unsaved.clear();
    return rows;
  }

  #roll(now: number): void {
    const day = Math.floor(now / DAY_MS);
    if (this.#day === null || day <= this.#day) return;
    this.#day = day;
    this.#dayStart = this.#equity;
    for (const bot of this.#bots.values()) bot.dayLossPct = 0;
  }

  /** Money that was put in (above 0) or taken out. */
  #flow(amount: number): void {
    const before = this.#equity;
    this.#equity = before + amount;
    if (this.#loading) return;
    if (before > 0 && this.#equity > 0) {
      this.#peak = ((this.#peak ?? before) * this.#equity) / before;
      this.#dayStart = (this.#dayStart * this.#equity) / before;
    } else {
      this.#peak = this.#equity;
      this.#dayStart = this.#equity;
    }
    this.#unsaved.add("");
  }

  #raise(): void {
    if (this.#loading || this.#peak === null || this.#equity <= this.#peak) return;
    this.#peak = this.#equity;
    this.#unsaved.add("");
  }
}
