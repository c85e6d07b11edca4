import type { TradeStats } from "./types.ts";

/**
 * Half of Kelly's share: f = W − (1 − W) / R with win rate W and pay-off R = average win ÷ average loss (Kelly,
 * "A New Interpretation of Information Rate", 1956; in this form Thorp, "The Kelly Criterion in Blackjack, Sports
 * Betting and the Stock Market", 2006). At most 0.5; at or below 0 where the trades show no edge; null without trades.
 */
export function halfKelly({ trades, wins, averageWin, averageLoss }: TradeStats): number | null {
  if (trades === 0) return null;
  const rate = wins / trades;
  if (wins === 0) return -0.5;
  if (averageLoss === 0) return rate / 2;
  const half = (rate - (1 - rate) / (averageWin / averageLoss)) / 2;
  // Without the noise of binary figures, which could cost a lot.
  return Math.round(half * 1e9) / 1e9;
}

/** Sums up PnLs of closed trades, quote currency after fees. A trade of exactly 0 counts as a loss of nothing. */
export function tradeStats(pnls: readonly number[]): TradeStats {
  let wins = 0;
  let won = 0;
  let lost = 0;
  for (const pnl of pnls) {
    if (pnl > 0) {
      wins += 1;
      won += pnl;
    } else lost -= pnl;
  }
  const losses = pnls.length - wins;
  return {
    trades: pnls.length,
    wins,
    averageWin: wins === 0 ? 0 : won / wins,
    averageLoss: losses === 0 ? 0 : lost / losses,
  };
}
