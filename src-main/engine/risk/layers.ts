import { botBreakerLayer } from "./bot-breaker-layer.ts";
import { cashLayer } from "./cash-layer.ts";
import { cooldownLayer } from "./cooldown-layer.ts";
import { correlationLayer } from "./correlation-layer.ts";
import { dailyLossLayer } from "./daily-loss-layer.ts";
import { exposureLayer } from "./exposure-layer.ts";
import { killLayer } from "./kill-layer.ts";
import { pairLockLayer } from "./pair-lock-layer.ts";
import { portfolioHaltLayer } from "./portfolio-halt-layer.ts";
import { sizeLayer } from "./size-layer.ts";
import { stopGuardLayer } from "./stop-guard-layer.ts";
import { stopLayer } from "./stop-layer.ts";
import { systemLayer } from "./system-layer.ts";
import type { RiskLayer } from "./types.ts";

/** The layers of an entry, in the order in which they judge; the kill switch is before them all. */
export const ENTRY_LAYERS: readonly RiskLayer[] = [
  killLayer,
  stopLayer,
  sizeLayer,
  correlationLayer,
  exposureLayer,
  dailyLossLayer,
  botBreakerLayer,
  portfolioHaltLayer,
  systemLayer,
  cooldownLayer,
  stopGuardLayer,
  pairLockLayer,
  cashLayer,
];
