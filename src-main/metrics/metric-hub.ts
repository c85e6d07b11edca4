import { join } from "node:path";
import type {
  MetricId,
  MetricSettings,
  MetricSourceKind,
} from "../../src-preload/contract/metrics.ts";
import type { Clock } from "../engine/clock.ts";
import { ExchangeError, type MetricPoint, type MetricSource } from "../engine/exchange/port.ts";
import { METRIC_FACTS } from "../engine/market/metric-facts.ts";
import type { MetricName } from "../engine/market/types.ts";
import { readCsvMetric } from "./csv-metric.ts";
import type { WebOptions } from "./web.ts";
import { WEB_METRICS } from "./web-metrics.ts";

export interface MetricHubParts {
  readonly clock: Clock;
  /** For the metrics that the exchange itself publishes. */
  readonly exchange: MetricSource & { readonly label: string };
  /** Folder of `<metric>.csv`. */
  readonly folder: string;
  readonly settings: () => MetricSettings;
  readonly web?: WebOptions;
}

/** All sources of metrics as one: each metric is read from where the settings say. */
export class MetricHub implements MetricSource {
  readonly #parts: MetricHubParts;

  constructor(parts: MetricHubParts) {
    this.#parts = parts;
  }

  sourceOf(name: MetricId): MetricSourceKind {
    return this.#parts.settings()[name].source;
  }

  /** Where a metric is read from, in words. */
  originOf(name: MetricId): string {
    const source = this.sourceOf(name);
    if (source === "off") return "switched off";
    if (source === "csv") return this.#file(name);
    if (source === "exchange") return this.#parts.exchange.label;
    const web = WEB_METRICS[name];
    return `${web?.label ?? name}, ${this.#base(name) ?? web?.address ?? ""}`;
  }

  inBackground(name: MetricName): boolean {
    return this.sourceOf(name) !== "exchange";
  }

  async fetchMetric(
    name: MetricName,
    symbol: string | null,
    since: number,
    signal?: AbortSignal,
  ): Promise<readonly MetricPoint[]> {
    const { clock, exchange } = this.#parts;
    const source = this.sourceOf(name);
    if (source === "exchange") return exchange.fetchMetric(name, symbol, since, signal);
    const now = clock.now();
    if (source === "csv") return readCsvMetric(this.#file(name), name, since, now);
    const web = WEB_METRICS[name];
    if (source === "off" || web === undefined) {
      throw new ExchangeError(
        "unsupported",
        `${METRIC_FACTS[name].title} is switched off in Settings.`,
      );
    }
    const { web: options } = this.#parts;
    return web.read({
      since,
      now,
      base: this.#base(name),
      signal,
      ...(options === undefined ? {} : { options }),
    });
  }

  #base(name: MetricId): string | null {
    const setting = this.#parts.settings()[name];
    return "url" in setting ? setting.url : null;
  }

  #file(name: MetricId): string {
    return join(this.#parts.folder, `${name}.csv`);
  }
}
