import { decimalText, money } from "../money.ts";
import type { Decimal } from "../money.ts";

/** One that gets a part. `weight` is above 0; only its ratio to the others counts. */
export interface Claim {
  readonly id: string;
  readonly weight: number;
}

export interface Part {
  readonly id: string;
  /** Quote currency, whole cents, a decimal string. */
  readonly amount: string;
  /** True where the cap held it back. */
  readonly capped: boolean;
}

const CENT = money("0.01");

/**
 * Shares 0..1 in proportion to the weights, none above `cap`: what is cut off is shared out among the others in
 * proportion to theirs, again and again until nobody is above. Where the cap cannot be kept (n · cap < 1) all get 1 / n.
 */
function cappedShares(
  weights: readonly number[],
  cap: number,
): { shares: number[]; capped: boolean[] } {
  const n = weights.length;
  if (n * cap <= 1) return { shares: weights.map(() => 1 / n), capped: weights.map(() => true) };
  const capped = weights.map(() => false);
  for (;;) {
    const held = capped.filter(Boolean).length;
    const rest = 1 - held * cap;
    let sum = 0;
    for (let i = 0; i < n; i += 1) if (capped[i] === false) sum += weights[i] ?? 0;
    const shares = weights.map((weight, i) => (capped[i] === true ? cap : (rest * weight) / sum));
    let again = false;
    for (let i = 0; i < n; i += 1) {
      if (capped[i] === false && (shares[i] ?? 0) > cap) {
        capped[i] = true;
        again = true;
      }
    }
    if (!again) return { shares, capped };
  }
}

/**
 * Shares out a total (quote currency, above 0) to the cent. Parts sum to the total exactly; none is above the cap
 * (0..1 of the total) by more than a cent, unless the cap cannot be kept. The order of the claims does not matter: cents that
 * rounding leaves go to the largest remainders, among equals by id.
 */
export function allocate(claims: readonly Claim[], total: string, cap: number): readonly Part[] {
  if (claims.length === 0) return [];
  for (const { id, weight } of claims) {
    if (!(weight > 0 && Number.isFinite(weight)))
      throw new RangeError(`The weight of ${id} is ${weight}; it must be above 0.`);
  }
  const sorted = claims.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  // Scaled, so that sums of very unlike weights stay finite.
  const largest = Math.max(...sorted.map(({ weight }) => weight));
  const { shares, capped } = cappedShares(
    sorted.map(({ weight }) => weight / largest),
    cap,
  );
  const whole = money(total);
  const cents = whole.div(CENT).floor();
  let left: Decimal = cents;
  const parts = sorted.map(({ id }, i) => {
    const exact = cents.times(shares[i] ?? 0);
    const floor = exact.floor();
    left = left.minus(floor);
    return { id, cents: floor, rest: exact.minus(floor), capped: capped[i] ?? false };
  });
  const byRest = parts.toSorted((a, b) => b.rest.cmp(a.rest) || (a.id < b.id ? -1 : 1));
  const extra = new Map<string, Decimal>();
  for (let i = 0; left.gt(0); i = (i + 1) % byRest.length) {
    const part = byRest[i];
    if (part === undefined) break;
    extra.set(part.id, (extra.get(part.id) ?? money(0)).plus(1));
    left = left.minus(1);
  }
  return parts.map(({ id, cents: base, capped: held }) => ({
    id,
    amount: decimalText(base.plus(extra.get(id) ?? 0).times(CENT)),
    capped: held,
  }));
}

/** Weight of a yearly volatility: its inverse (Qian, "Risk Parity Portfolios", 2005; for uncorrelated parts risk parity). */
export const inverseVolatility = (volatility: number): number => 1 / volatility;

/**
 * Standard deviation of log returns in a year, 0.6 for 60 %: that of one candle times the root of candles in a year of
 * 365 days. NaN with fewer than 30 returns or without any movement.
 */
export function yearlyVolatility(closes: ArrayLike<number>, candleMs: number): number {
  const n = closes.length - 1;
  if (n < 30) return Number.NaN;
  const returns = Array.from({ length: n }, (_, i) =>
    Math.log((closes[i + 1] as number) / (closes[i] as number)),
  );
  const mean = returns.reduce((sum, value) => sum + value, 0) / n;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const yearly = Math.sqrt((variance * 365 * 86_400_000) / candleMs);
  return yearly > 0 ? yearly : Number.NaN;
}
