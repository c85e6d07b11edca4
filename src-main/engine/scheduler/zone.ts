/** A stretch of time in which a zone keeps one offset from UTC. Times are ms UTC, `from` included, `to` not. */
export interface ZonePiece {
  readonly from: number;
  readonly to: number;
  /** Local time minus UTC, ms. */
  readonly offset: number;
  /** The clocks went forward and the local times they skipped are still owed, until `until`; null else. */
  readonly gap: { readonly before: number; readonly until: number } | null;
}

const hour = 3_600_000;
/** Length of a stretch that is looked up at once: at most one change of the clocks falls into it. */
const bucketMs = 192 * hour;
/** A gap reaches this far into the next bucket at most. */
const longestGapMs = 3 * hour;
const keptBuckets = 4096;

/** Local time of an IANA zone by way of Intl; reads no clock. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #buckets = new Map<number, readonly ZonePiece[]>();

  /** Throws a RangeError when the name is no zone that Intl knows. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      timeZoneName: "longOffset",
      hour: "numeric",
    });
  }

  /** The piece that `time` falls into; pieces are cut into stretches of 8 days. */
  pieceAt(time: number): ZonePiece {
    const index = Math.floor(time / bucketMs);
    let pieces = this.#buckets.get(index);
    if (pieces === undefined) {
      if (this.#buckets.size >= keptBuckets) this.#buckets.clear();
      pieces = this.#read(index * bucketMs);
      this.#buckets.set(index, pieces);
    }
    const [first, second] = pieces;
    if (first === undefined) throw new RangeError(`There is no local time at ${time}.`);
    return second !== undefined && time >= second.from ? second : first;
  }

  #read(from: number): readonly ZonePiece[] {
    const to = from + bucketMs;
    const [earlier, before, after] = [from - longestGapMs, from - 1, to - 1].map((time) =>
      this.#offset(time),
    );
    if (earlier === undefined || before === undefined || after === undefined) return [];
    const carried =
      earlier < before ? gapAt(this.#change(from - longestGapMs, from - 1), earlier, before) : null;
    const gap = carried !== null && carried.until > from ? carried : null;
    if (before === after) return [{ from, to, offset: before, gap }];
    const change = this.#change(from - 1, to - 1);
    const rest = { from: change, to, offset: after, gap: gapAt(change, before, after) };
    return change === from ? [rest] : [{ from, to: change, offset: before, gap }, rest];
  }

  /** The first instant after `low` whose offset is not that of `low`; `high` has another one. */
  #change(low: number, high: number): number {
    const before = this.#offset(low);
    let [same, other] = [low, high];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.#offset(middle) === before) same = middle;
      else other = middle;
    }
    return other;
  }

  #offset(time: number): number {
    const name = this.#format.formatToParts(time).find(({ type }) => type === "timeZoneName");
    const match = /^GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(name?.value ?? "");
    if (match === null) throw new RangeError(`Intl tells no offset at ${time}.`);
    const [, sign, hours = 0, minutes = 0, seconds = 0] = match;
    const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -ms : ms;
  }
}

/**
 * Local times that a change skips are owed with the offset from before it, so that 02:30 comes at the instant that
 * would have been 02:30. Where the day itself begins in the gap, APScheduler 3 drops them (recorded case K33), and so do we.
 */
function gapAt(change: number, before: number, after: number): ZonePiece["gap"] {
  const startsDay = (change + before) % (24 * hour) === 0;
  return after <= before || startsDay ? null : { before, until: change + after - before };
}
