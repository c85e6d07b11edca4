import { cashLayer } from "./cash-layer.ts";
import { sizeLayer } from "./size-layer.ts";
import { stopLayer } from "./stop-layer.ts";
import type { RiskLayer } from "./types.ts";

/** The layers of an entry, in the order in which they judge. */
export const ENTRY_LAYERS: readonly RiskLayer[] = [stopLayer, sizeLayer, cashLayer];
