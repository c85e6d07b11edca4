import type { Clock } from "../clock.ts";
import { ExchangeError, type MetricPoint, type MetricSource } from "../exchange/port.ts";
import { messageOf } from "../fault.ts";
import { lowerBound } from "./columns.ts";
import { METRIC_FACTS } from "./metric-facts.ts";
import { SharedWork } from "./shared-work.ts";
import type { MetricName, MetricSeries, MetricStore } from "./types.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Engine ms for which a source that failed is left alone. */
const FAILED_MS = 10 * MINUTE;

/** When a reader may first know a value published at `time`. */
const knownFrom = (name: MetricName, time: number): number => {
  const { every, delay } = METRIC_FACTS[name];
  return every === DAY ? (Math.floor(time / DAY) + 1) * DAY : time + delay;
};

/** Venues publish some ms off their own grid; values are told apart with this much to spare, ms. */
const JITTER_MS = MINUTE;
/** How far back stored values are read at first use, ms; all that any strategy looks at. */
const STORED_MS = 400 * DAY;

/**
 * Published points as the service would give them out: the first of each span, with the time from which it may be
 * known. Points that are no numbers or out of order are left out. `points` oldest first.
 */
export function knownSeries(name: MetricName, points: readonly MetricPoint[]): MetricSeries {
  const { every } = METRIC_FACTS[name];
  const time = new Float64Array(points.length);
  const value = new Float64Array(points.length);
  let length = 0;
  let newest = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const span = Math.floor((point.time + JITTER_MS) / every);
    const known = knownFrom(name, point.time);
    if (!Number.isSafeInteger(known) || !Number.isFinite(point.value) || span <= newest) continue;
    newest = span;
    time[length] = known;
    value[length] = point.value;
    length += 1;
  }
  return { length, time: time.subarray(0, length), value: value.subarray(0, length) };
}

/** One metric of one symbol in memory. Buffers are only appended to, since views of them are handed out. */
interface Held {
  readonly name: MetricName;
  readonly symbol: string | null;
  time: Float64Array;
  value: Float64Array;
  length: number;
  /** Everything known from here on was asked for, ms UTC. */
  coveredFrom: number;
  unsupported: boolean;
  /** Not asked at all before this: it failed. */
  failedUntil: number;
  /** Not asked for the newest before this: it was asked and had not come. */
  lateUntil: number;
  flight: SharedWork<void> | null;
  failing: boolean;
  lastSync: MetricSync | null;
}

/** What the last fetch of a series brought. */
interface MetricSync {
  /** Engine time, ms UTC. */
  readonly time: number;
  /** New values; null when it failed. */
  readonly added: number | null;
  readonly error: string | null;
}

/** What is known of a series; times are ms UTC, null before its first value. */
export interface MetricState {
  readonly knownAt: number | null;
  readonly publishedAt: number | null;
  readonly lastValue: number | null;
  readonly values: number;
  readonly lastSync: MetricSync | null;
}

export interface MetricServiceParts {
  readonly clock: Clock;
  readonly source: MetricSource;
  readonly store: MetricStore;
  readonly onNote: (note: string) => void;
}

/**
 * Metric series for everybody: each is asked for once per publication however many bots need it, kept in the store, and
 * given out with the time from which it may be known.
 */
export class MetricService {
  readonly #parts: MetricServiceParts;
  readonly #held = new Map<string, Held>();
  #closed = false;

  constructor(parts: MetricServiceParts) {
    this.#parts = parts;
  }

  /**
   * Values known in the last `windowMs` before the clock's now, oldest first. Null when there are none: the exchange
   * does not have the metric, or has not answered yet. When it does not answer, what is known is given; how old
   * is too old is for the reader to say. Rejects only when this caller's signal is aborted.
   */
  async series(
    name: MetricName,
    symbol: string | null,
    windowMs: number,
    signal?: AbortSignal,
  ): Promise<MetricSeries | null> {
    signal?.throwIfAborted();
    const now = this.#parts.clock.now();
    const held = this.#open(name, symbol, now - Math.max(windowMs, STORED_MS));
    if (this.#mustAsk(held, now, now - windowMs)) {
      if (held.flight === null || !held.flight.joinable) this.#launch(held, now - windowMs);
      if (this.#parts.source.inBackground?.(name) !== true) await held.flight?.wait(signal);
    }
    const from = lowerBound(held.time, held.length, now - windowMs);
    const to = lowerBound(held.time, held.length, now + 1);
    if (from === to) return null;
    return {
      length: to - from,
      time: held.time.subarray(from, to),
      value: held.value.subarray(from, to),
    };
  }

  /**
   * Asks the source for what is newer than the last value, also where it failed or is late. Resolves when it has
   * answered; how that went is in the state. Never rejects.
   */
  async sync(name: MetricName, symbol: string | null): Promise<void> {
    const now = this.#parts.clock.now();
    const held = this.#open(name, symbol, now - STORED_MS);
    held.unsupported = false;
    held.failedUntil = Number.NEGATIVE_INFINITY;
    const from = held.length === 0 ? now - STORED_MS : now;
    if (held.flight === null || !held.flight.joinable) this.#launch(held, from);
    await held.flight?.wait().catch(() => undefined);
  }

  /** Whether a punctual source would have a newer value of it by now, or the last fetch failed. */
  due(name: MetricName, symbol: string | null): boolean {
    const now = this.#parts.clock.now();
    const held = this.#open(name, symbol, now - STORED_MS);
    return held.failing || isLate(held, now);
  }

  /** What is known of a series. Opens it where nobody has asked for it yet; asks the source for nothing. */
  state(name: MetricName, symbol: string | null): MetricState {
    const held = this.#open(name, symbol, this.#parts.clock.now() - STORED_MS);
    // What is known tomorrow is held already, but is nobody's to see.
    const values = lowerBound(held.time, held.length, this.#parts.clock.now() + 1);
    const knownAt = held.time[values - 1] ?? null;
    return {
      knownAt,
      publishedAt: knownAt === null ? null : knownAt - METRIC_FACTS[name].delay,
      lastValue: held.value[values - 1] ?? null,
      values,
      lastSync: held.lastSync,
    };
  }

  /** Series that somebody has asked for since the start. */
  inUse(): readonly { readonly name: MetricName; readonly symbol: string | null }[] {
    return [...this.#held.values()].map(({ name, symbol }) => ({ name, symbol }));
  }

  /** A file brought values into the store: the series is read anew when it is next asked for. */
  imported(name: MetricName, symbol: string | null): void {
    this.#held.delete(`${name} ${symbol ?? ""}`);
  }

  /** The metric's source was chosen anew: what was said of the one before no longer holds. */
  sourceChanged(name: MetricName): void {
    for (const held of this.#held.values()) {
      if (held.name !== name) continue;
      held.unsupported = false;
      held.failing = false;
      held.failedUntil = Number.NEGATIVE_INFINITY;
      held.lateUntil = Number.NEGATIVE_INFINITY;
    }
  }

  /** Takes in no more answers: the stores are about to close. */
  close(): void {
    this.#closed = true;
  }

  #open(name: MetricName, symbol: string | null, from: number): Held {
    const key = `${name} ${symbol ?? ""}`;
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const held: Held = {
      name,
      symbol,
      time: new Float64Array(0),
      value: new Float64Array(0),
      length: 0,
      coveredFrom: Number.POSITIVE_INFINITY,
      unsupported: false,
      failedUntil: Number.NEGATIVE_INFINITY,
      lateUntil: Number.NEGATIVE_INFINITY,
      flight: null,
      failing: false,
      lastSync: null,
    };
    this.#held.set(key, held);
    try {
      const stored = this.#parts.store.read(name, symbol, from, Number.MAX_SAFE_INTEGER);
      held.time = stored.time;
      held.value = stored.value;
      held.length = stored.length;
      // A value in each span is asked for, so the first stored one speaks for the span before it.
      held.coveredFrom = (stored.time[0] ?? Number.POSITIVE_INFINITY) - METRIC_FACTS[name].every;
    } catch (error) {
      this.#note(held, `stored values could not be read: ${messageOf(error)}`);
    }
    return held;
  }

  #mustAsk(held: Held, now: number, from: number): boolean {
    if (held.unsupported || now < held.failedUntil) return false;
    if (from < held.coveredFrom) return true;
    return isLate(held, now) && now >= held.lateUntil;
  }

  #launch(held: Held, from: number): void {
    const flight = new SharedWork((signal) =>
      this.#fetch(held, from, signal).finally(() => {
        if (held.flight === flight) held.flight = null;
      }),
    );
    held.flight = flight;
  }

  async #fetch(held: Held, from: number, signal: AbortSignal): Promise<void> {
    const { clock, source } = this.#parts;
    const { name, symbol } = held;
    const { every, delay } = METRIC_FACTS[name];
    const deeper = from < held.coveredFrom;
    // One value before the window is asked for too, so that the window's start is covered.
    const since =
      deeper || held.length === 0 ? Math.max(0, from - delay - every) : lastOf(held) - delay + 1;
    try {
      const points = await source.fetchMetric(name, symbol, since, signal);
      signal.throwIfAborted();
      if (this.#closed) return;
      const before = held.length;
      this.#take(held, points);
      held.lastSync = { time: clock.now(), added: held.length - before, error: null };
      if (deeper) held.coveredFrom = from;
      held.failing = false;
    } catch (error) {
      if (signal.aborted || this.#closed) throw error;
      const told = held.lastSync?.error === messageOf(error);
      held.lastSync = { time: clock.now(), added: null, error: messageOf(error) };
      if (error instanceof ExchangeError && error.kind === "unsupported") {
        held.unsupported = true;
        if (told) return;
        this.#note(
          held,
          `not to be had here, so strategies that need it do not enter: ${error.message}`,
        );
        return;
      }
      held.failedUntil = clock.now() + FAILED_MS;
      if (!held.failing)
        this.#note(
          held,
          `could not be fetched, so the last known values are used: ${messageOf(error)}`,
        );
      held.failing = true;
      return;
    }
    if (isLate(held, clock.now())) {
      held.lateUntil = clock.now() + Math.max(FAILED_MS, every / 4);
    }
  }

  /** Keeps the first value of each span, those older than what is held and those newer; the newer go to the store. */
  #take(held: Held, points: readonly MetricPoint[]): void {
    const { every, delay } = METRIC_FACTS[held.name];
    const spanOf = (published: number): number => Math.floor((published + JITTER_MS) / every);
    const first =
      held.length === 0 ? Number.NEGATIVE_INFINITY : spanOf((held.time[0] ?? 0) - delay);
    const last = held.length === 0 ? Number.NEGATIVE_INFINITY : spanOf(lastOf(held) - delay);
    const older: MetricPoint[] = [];
    const newer: MetricPoint[] = [];
    let newest = Number.NEGATIVE_INFINITY;
    let refused = 0;
    for (const point of points) {
      const time = knownFrom(held.name, point.time);
      const span = spanOf(point.time);
      if (!Number.isSafeInteger(time) || !Number.isFinite(point.value) || span < newest) {
        refused += 1;
        continue;
      }
      if (span === newest) continue;
      newest = span;
      if (span < first) older.push({ time, value: point.value });
      else if (span > last) newer.push({ time, value: point.value });
    }
    if (refused > 0)
      this.#note(
        held,
        `refused ${refused} of ${points.length} values: not a number, or out of order`,
      );
    if (older.length > 0) prepend(held, older);
    if (newer.length > 0) this.#append(held, newer);
  }

  #append(held: Held, points: readonly MetricPoint[]): void {
    const total = held.length + points.length;
    if (total > held.time.length) {
      held.time = copied(held.time, held.length, 2 * total);
      held.value = copied(held.value, held.length, 2 * total);
    }
    for (const { time, value } of points) {
      held.time[held.length] = time;
      held.value[held.length] = value;
      held.length += 1;
    }
    try {
      const stored = this.#parts.store.last(held.name, held.symbol) ?? Number.NEGATIVE_INFINITY;
      this.#parts.store.append(
        held.name,
        held.symbol,
        points.filter(({ time }) => time > stored),
      );
    } catch (error) {
      this.#note(held, `values could not be stored: ${messageOf(error)}`);
    }
  }

  #note(held: Held, text: string): void {
    this.#parts.onNote(`${held.name}${held.symbol === null ? "" : ` of ${held.symbol}`}: ${text}`);
  }
}

const lastOf = (held: Held): number =>
  held.length === 0
    ? Number.NEGATIVE_INFINITY
    : (held.time[held.length - 1] ?? Number.NEGATIVE_INFINITY);

/** Whether a punctual source would let one know a newer value at `now`. */
function isLate(held: Held, now: number): boolean {
  const { every, delay } = METRIC_FACTS[held.name];
  const newest = Math.floor((now - delay) / every) * every + delay;
  return lastOf(held) < newest - JITTER_MS;
}

function copied(from: Float64Array, length: number, size: number): Float64Array {
  const into = new Float64Array(size);
  into.set(from.subarray(0, length));
  return into;
}

function prepend(held: Held, older: readonly MetricPoint[]): void {
  const total = older.length + held.length;
  const time = new Float64Array(total);
  const value = new Float64Array(total);
  older.forEach((point, i) => {
    time[i] = point.time;
    value[i] = point.value;
  });
  time.set(held.time.subarray(0, held.length), older.length);
  value.set(held.value.subarray(0, held.length), older.length);
  held.time = time;
  held.value = value;
  held.length = total;
}

export { knownFrom };
