import * as z from "zod";
import { UsageError } from "./api-error.ts";
import { BAD_CANDLES, type BadCandles } from "./bad-candles.ts";

const FAULT_KINDS = [
  "delay",
  "timeout",
  "429",
  "418",
  "-1021",
  "5xx-before",
  "5xx-after",
  "drop",
  "malformed",
  "candles",
] as const;

const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      /** Exact path, or its beginning with a star: "/api/v3/*". */
      path: z.string().startsWith("/").optional(),
      method: z.enum(["GET", "POST", "DELETE"]).optional(),
      /** As Binance writes it, "BTCUSDT". */
      symbol: z.string().optional(),
    })
    .default({}),
  kind: z.enum(FAULT_KINDS),
  /** How often it strikes; 1 where no probability is given, else without end. */
  times: z.int().min(1).optional(),
  /** Share of the matching requests that it strikes; 1 unless told. */
  probability: z.number().min(0).max(1).optional(),
  /** What is wrong with the candles; "missing" unless told. */
  what: z.enum(BAD_CANDLES).optional(),
  /** Open times of the candles concerned, ms UTC; the last of the answer unless told. */
  span: z.strictObject({ from: z.number(), to: z.number() }).optional(),
  /** Real ms of a delay. */
  ms: z.number().min(0).optional(),
  /** Seconds in the Retry-After of a 429 or 418. */
  retryAfter: z.number().min(1).optional(),
});
export type FaultRule = z.input<typeof ruleSchema>;
type ParsedRule = z.output<typeof ruleSchema>;

export interface Fault {
  readonly kind: (typeof FAULT_KINDS)[number];
  /** Real ms of a delay. */
  readonly ms: number;
  readonly retryAfterSeconds: number;
  readonly what: BadCandles;
  readonly span: { readonly from: number; readonly to: number } | null;
}

/** Reads a list of fault rules. Throws UsageError with one sentence. */
export function parseFaults(input: unknown): readonly ParsedRule[] {
  const parsed = z.array(ruleSchema).safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where =
    issue === undefined || issue.path.length === 0 ? "the list" : `rule ${issue.path.join(".")}`;
  throw new UsageError(
    `Faults: ${where} is wrong (${issue?.message ?? "unreadable"}); give a list such as [{"match":{"path":"/api/v3/klines"},"kind":"429","times":1}].`,
  );
}

/** Decides by rule and by a seeded draw which request meets which fault: the same seed and requests, the same faults. */
export class FaultInjector {
  readonly #seed: number;
  #rules: { readonly rule: ParsedRule; left: number }[] = [];
  #random: () => number;
  #struck = 0;

  constructor(seed: number, rules: readonly ParsedRule[]) {
    this.#seed = seed;
    this.#random = mulberry32(seed);
    this.replace(rules);
  }

  /** Replaces all rules and starts the draws anew. */
  replace(rules: readonly ParsedRule[]): void {
    this.#random = mulberry32(this.#seed);
    this.#rules = rules.map((rule) => ({
      rule,
      left: rule.times ?? (rule.probability === undefined ? 1 : Infinity),
    }));
  }

  /** Faults injected so far. */
  get struck(): number {
    return this.#struck;
  }

  /** The first rule that matches and strikes, or null. */
  draw(method: string, path: string, symbol: string | null): Fault | null {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (entry.left <= 0 || !matches(rule.match, method, path, symbol)) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      entry.left -= 1;
      this.#struck += 1;
      return {
        kind: rule.kind,
        ms: rule.ms ?? 1000,
        retryAfterSeconds: rule.retryAfter ?? (rule.kind === "418" ? 120 : 1),
        what: rule.what ?? "missing",
        span: rule.span ?? null,
      };
    }
    return null;
  }
}

function matches(
  match: ParsedRule["match"],
  method: string,
  path: string,
  symbol: string | null,
): boolean {
  if (match.method !== undefined && match.method !== method) return false;
  if (match.symbol !== undefined && match.symbol !== symbol) return false;
  if (match.path === undefined) return true;
  return match.path.endsWith("*") ? path.startsWith(match.path.slice(0, -1)) : path === match.path;
}

/** Tommy Ettinger's mulberry32: 32 bits of state are plenty for drawing faults. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
