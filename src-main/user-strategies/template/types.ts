/** `tickdeck.d.ts` of a strategies folder: what an editor needs to complete and check a strategy without any package. */
export const TYPES = `// Written by Tickdeck: what strategies and their tests may import. It is written anew with every new strategy.

declare module "tickdeck" {
  type Side = "long" | "short";
  type Timeframe = "1m" | "3m" | "5m" | "15m" | "30m" | "1h" | "2h" | "4h" | "8h" | "12h" | "1d";
  type MetricName =
    | "funding_rate"
    | "open_interest"
    | "long_short_ratio"
    | "nupl"
    | "stablecoin_supply"
    | "fear_greed"
    | "btc_dominance";

  /** Closed candles in columns, oldest first. Times are open times, ms UTC; prices in quote currency. */
  export interface Candles {
    readonly length: number;
    readonly time: Float64Array;
    readonly open: Float64Array;
    readonly high: Float64Array;
    readonly low: Float64Array;
    readonly close: Float64Array;
    readonly volume: Float64Array;
  }
  /** A metric's values, oldest first; each time is when the value could be known, ms UTC. */
  export interface Metric {
    readonly length: number;
    readonly time: Float64Array;
    readonly value: Float64Array;
  }
  /** The open position. */
  export interface Position {
    readonly side: Side;
    readonly entryPrice: number;
    readonly stopPrice: number;
    /** Closed candles since the entry's candle. */
    readonly candlesHeld: number;
  }
  /** All that a decision may rest on. Everything ends at the last closed candle. */
  export interface Input<P> {
    readonly symbol: string;
    readonly timeframe: Timeframe;
    /** Exactly as many as \`warmup\` asks for; the last one is decided on. */
    readonly candles: Candles;
    /** Close time of the last candle, ms UTC. */
    readonly time: number;
    /** Candles of a symbol named in \`needs\`; null when not to be had. */
    reference(symbol: string): Candles | null;
    /** A metric named in \`needs\`; null when missing. Look at how old its last value is. */
    metric(name: MetricName): Metric | null;
    readonly position: Position | null;
    readonly params: P;
    readonly allowShort: boolean;
  }
  /** One condition of the rule, shown beside the tick. */
  export interface Condition {
    readonly label: string;
    readonly held: boolean;
    /** What is so, with its numbers. */
    readonly detail: string;
  }
  interface Explained {
    /** One sentence with the numbers. */
    readonly reason: string;
    readonly conditions?: readonly Condition[];
  }
  export type Decision =
    | (Explained & {
        readonly action: "enter";
        readonly side: Side;
        /** 0..1 */
        readonly confidence: number;
        /** Stop-loss price, below the close for a long, above it for a short. */
        readonly stopPrice: number;
        /** Share of the usual size, 0..1; 1 when left out. */
        readonly sizeFactor?: number;
      })
    | (Explained & { readonly action: "exit" })
    | (Explained & { readonly action: "hold" });

  export interface Needs {
    /** Other symbols whose candles it reads, e.g. "BTC/USDT". */
    readonly references?: readonly string[];
    readonly metrics?: readonly MetricName[];
    /** How far back metrics are read, ms. */
    readonly metricWindowMs?: number;
  }

  /** A parameter of type T. */
  export interface Field<T> {
    readonly _output: T;
  }
  export interface Params<P> {
    readonly _params: P;
    /** Refuses combinations of parameters: \`path\` names the one at fault. */
    refine(holds: (params: P) => boolean, told: { error: string; path: string[] }): Params<P>;
  }
  type ValuesOf<S> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

  export interface Strategy<P> {
    /** As it stands in lists. */
    readonly title: string;
    /** The rule in two or three sentences. */
    readonly summary?: string;
    readonly source?: string;
    /** Default "1h". */
    readonly defaultTimeframe?: Timeframe;
    readonly params: Params<P>;
    /** Left out when it reads its own symbol's candles only. */
    needs?(params: P, symbol: string): Needs;
    /** Closed candles needed, 1 to 5000. */
    warmup(params: P): number;
    /** Pure: the same input gives the same decision. No clock, no chance, nothing kept between two calls. */
    decide(input: Input<P>): Decision;
  }
  export function defineStrategy<P>(strategy: Strategy<P>): Strategy<P>;

  interface NumberSpec {
    readonly title: string;
    /** One sentence of help. */
    readonly help: string;
    /** "" for none. */
    readonly unit: string;
    readonly default: number;
    readonly min: number;
    readonly max: number;
    readonly step: number;
  }
  /** Fields of the bot's form. */
  export const fields: {
    whole(spec: NumberSpec): Field<number>;
    number(spec: NumberSpec): Field<number>;
    /** A count of candles, 2 to \`max\` (default 100). */
    period(title: string, help: string, value: number, max?: number): Field<number>;
    /** \`atrPeriod\` and \`stopAtr\`, the two fields of a stop-loss: spread them into the parameters. */
    stop(multiple: number): { atrPeriod: Field<number>; stopAtr: Field<number> };
    onOff(spec: { title: string; help: string; default: boolean }): Field<boolean>;
    choice<T extends string>(spec: {
      title: string;
      help: string;
      default: T;
      choices: readonly [T, ...T[]];
    }): Field<T>;
  };
  /** zod 4, as far as parameters need it. */
  export const z: {
    strictObject<S extends Record<string, Field<unknown>>>(shape: S): Params<ValuesOf<S>>;
  };

  /** Whole columns; NaN until there are enough values. */
  export const indicators: {
    sma(values: Float64Array, period: number): Float64Array;
    ema(values: Float64Array, period: number): Float64Array;
    rsi(values: Float64Array, period: number): Float64Array;
    macd(
      values: Float64Array,
      fast: number,
      slow: number,
      signal: number,
    ): { readonly macd: Float64Array; readonly signal: Float64Array; readonly histogram: Float64Array };
    bollinger(
      values: Float64Array,
      period: number,
      deviations: number,
    ): { readonly middle: Float64Array; readonly upper: Float64Array; readonly lower: Float64Array };
    atr(candles: Candles, period: number): Float64Array;
    adx(candles: Candles, period: number): Float64Array;
    correlation(a: Float64Array, b: Float64Array, period: number): Float64Array;
    simpleReturns(values: Float64Array): Float64Array;
    zScore(values: Float64Array, period: number): Float64Array;
    percentileRank(values: Float64Array, period: number): Float64Array;
  };
  /** Candles until a smoothed indicator no longer depends on where its history began: for \`warmup\`. */
  export const settled: {
    ema(period: number): number;
    /** RSI and ATR. */
    wilder(period: number): number;
    adx(period: number): number;
    macd(slow: number, signal: number): number;
  };
  /** The newest value of a column; NaN when it is empty. */
  export function newest(column: Float64Array): number;
  /** Nothing to do, and why. */
  export function hold(reason: string, conditions?: readonly Condition[]): Decision;
}

declare module "tickdeck/test" {
  import type { Candles, Decision, Metric, Position, Strategy } from "tickdeck";
  export function test(name: string, body: () => void | Promise<void>): void;
  export function equal(actual: unknown, expected: unknown): void;
  export function ok(value: unknown, message?: string): void;
  /** One-hour candles with these closes; each opens at the close before and has a wick on either side. */
  export function candlesOf(closes: readonly number[], wick?: number): Candles;
  /** What the strategy decides on the last of these candles; flat unless a position is given. */
  export function decideOn<P>(
    strategy: Strategy<P>,
    input: {
      readonly candles: Candles;
      readonly params?: Partial<P>;
      readonly position?: Position | null;
      readonly metrics?: Readonly<Record<string, Metric>>;
      readonly allowShort?: boolean;
    },
  ): Decision;
}

// What the language has there, beyond ECMAScript itself.
declare const console: {
  /** Goes to Tickdeck's log; at most 20 lines a call. */
  log(...parts: unknown[]): void;
};
`;

/** `tsconfig.json` of a strategies folder. */
export const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "types": [],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": false
  },
  "include": ["*.ts", "**/*.ts"]
}
`;
