/*
 * Our batch indicators against the npm libraries, on the same arrays in the same run: each round runs every contender
 * once, so that a busy machine hits all of them; the figure is the median of the rounds.
 */
import { numbersFrom } from "./random.ts";
import type { BenchOptions, Figures } from "./figures.ts";
import { CONTESTS } from "./indicators/contenders.ts";
import type { BenchCandles, Contender, Contest } from "./indicators/contenders.ts";

const CANDLES = 175_000;
const ROUNDS = 15;
/** Newest values that are compared: those from before the last seed has faded are a matter of convention. */
const COMPARED = 100_000;
/** A peer whose newest values are within this of ours, relative, computes the same. */
const SAME = 1e-6;

function candles(length: number): BenchCandles {
  const next = numbersFrom(7);
  const high = new Float64Array(length);
  const low = new Float64Array(length);
  const close = new Float64Array(length);
  const volume = new Float64Array(length);
  let price = 20_000;
  for (let i = 0; i < length; i++) {
    const open = price;
    price *= 1 + 0.004 * (next() - 0.5);
    close[i] = price;
    high[i] = Math.max(open, price) * (1 + 0.001 * next());
    low[i] = Math.min(open, price) * (1 - 0.001 * next());
    volume[i] = 100 * next() + 1;
  }
  const plain = { high: [...high], low: [...low], close: [...close] };
  const objects = plain.close.map((value, i) => ({
    high: plain.high[i] as number,
    low: plain.low[i] as number,
    close: value,
  }));
  return { high, low, close, volume, plain, objects };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Largest relative distance of the newest values of two columns, aligned at their ends. */
function apart(ours: ArrayLike<number | null | undefined>, theirs: typeof ours): number {
  let worst = 0;
  for (let i = 1; i <= COMPARED; i++) {
    const a = ours[ours.length - i] ?? Number.NaN;
    const b = theirs[theirs.length - i] ?? Number.NaN;
    const distance = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 1e-9);
    worst = Math.max(worst, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
  }
  return worst;
}

const seriesOf = ({ run, series }: Contender, on: BenchCandles) => series(run(on) as never);

interface Timed {
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly apart: Readonly<Record<string, number>>;
}

function contest({ ours, peers }: Contest, on: BenchCandles): Timed {
  const all = [["", ours] as const, ...Object.entries(peers)];
  const own = seriesOf(ours, on);
  const distance = Object.fromEntries(
    Object.entries(peers).map(([name, peer]) => [name, apart(own, seriesOf(peer, on))]),
  );
  const times = new Map(all.map(([name]): [string, number[]] => [name, []]));
  for (let round = -3; round < ROUNDS; round++) {
    for (const [name, { run }] of all) {
      const start = performance.now();
      run(on);
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  }
  const medians = new Map([...times].map(([name, list]) => [name, median(list)]));
  return {
    ours: medians.get("") ?? Number.NaN,
    peers: Object.fromEntries(
      Object.keys(peers).map((name) => [name, medians.get(name) ?? Number.NaN]),
    ),
    apart: distance,
  };
}

const rounded = (ms: number): number => Number(ms.toPrecision(3));

/**
 * `ours_ms` and `best_peer_ms` are sums over the indicators that all libraries have; `best_peer` is the library with
 * the smallest sum. In `indicators`, each contender's time, and who computes the same as we do.
 */
export async function measure(_options: BenchOptions): Promise<Figures> {
  const on = candles(CANDLES);
  const timed = CONTESTS.map((each) => [each.name, contest(each, on)] as const);
  const libraries = new Set(CONTESTS.flatMap(({ peers }) => Object.keys(peers)));
  const common = timed.filter(([, { peers }]) => Object.keys(peers).length === libraries.size);
  const totals = [...libraries].map((name): [string, number] => [
    name,
    common.reduce((sum, [, { peers }]) => sum + (peers[name] ?? Number.NaN), 0),
  ]);
  const [bestPeer, bestTotal] = totals.toSorted(([, a], [, b]) => a - b)[0] ?? ["", Number.NaN];
  const beaten = timed.filter(([, { ours, peers }]) =>
    Object.values(peers).every((peer) => ours < peer),
  );
  return {
    candles: CANDLES,
    ours_ms: rounded(common.reduce((sum, [, { ours }]) => sum + ours, 0)),
    best_peer: bestPeer,
    best_peer_ms: rounded(bestTotal),
    contests: timed.length,
    contests_won: beaten.length,
    peers_ms: Object.fromEntries(totals.map(([name, ms]) => [name, rounded(ms)])),
    indicators: Object.fromEntries(
      timed.map(([name, { ours, peers, apart: distance }]) => [
        name,
        {
          ours_ms: rounded(ours),
          ...Object.fromEntries(
            Object.entries(peers).flatMap(([peer, ms]): [string, number | string][] => [
              [`${peer}_ms`, rounded(ms)],
              [
                `${peer}_values`,
                (distance[peer] ?? Number.NaN) <= SAME
                  ? "same"
                  : `differ by ${(distance[peer] ?? Number.NaN).toExponential(0)}`,
              ],
            ]),
          ),
        },
      ]),
    ),
  };
}
