import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Exchange as CcxtExchange } from "ccxt";
import { ExchangeError } from "../engine/exchange/port.ts";
import { EXCHANGE_IDS, type ExchangeId } from "./exchange-ids.ts";

type CcxtClass = new (config: Record<string, unknown>) => CcxtExchange;

/**
 * ccxt ids with public spot candles, in alphabetical order, as Tickdeck offers them. Loads nothing of ccxt.
 */
export const listExchangeIds = (): readonly string[] => EXCHANGE_IDS;

export const isExchangeId = (id: string): id is ExchangeId =>
  (EXCHANGE_IDS as readonly string[]).includes(id);

/**
 * Imports one exchange class. ccxt's package exports only its index, which brings all exchanges (seconds, 100 MB), so
 * the class is imported by its file. The base classes are shared between exchanges by the module cache.
 */
export async function loadExchangeClass(id: ExchangeId | "binanceusdm"): Promise<CcxtClass> {
  const root = dirname(dirname(createRequire(import.meta.url).resolve("ccxt")));
  const file = pathToFileURL(join(root, "js", "src", `${id}.js`)).href;
  const loaded = (await import(/* @vite-ignore */ file)) as { readonly default: CcxtClass };
  return loaded.default;
}

/**
 * The API base as it is used: scheme, host and an optional path, without a slash at the end. Throws ExchangeError
 * "refused" for anything else.
 */
export function normalBaseUrl(baseUrl: string): string {
  const refuse = (why: string): ExchangeError =>
    new ExchangeError(
      "refused",
      `The API base URL "${baseUrl}" ${why}; write it like https://api.example.com or http://127.0.0.1:8080.`,
    );
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw refuse("is not a URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refuse("does not begin with http:// or https://");
  }
  if (url.username !== "" || url.password !== "") throw refuse("holds a user name or password");
  if (url.search !== "" || url.hash !== "") throw refuse("holds a query or a fragment");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Replaces scheme and host in every REST address of ccxt's nested `urls.api`, keeping the paths. */
export function redirectUrls(api: unknown, base: string): unknown {
  if (typeof api === "string") {
    // The host may be a template such as api.{hostname}, which URL would refuse.
    return /^https?:\/\//.test(api) ? api.replace(/^https?:\/\/[^/]*/, () => base) : api;
  }
  if (typeof api !== "object" || api === null) return api;
  return Object.fromEntries(
    Object.entries(api).map(([key, value]) => [key, redirectUrls(value, base)]),
  );
}

/** Asks for spot markets only; ccxt would otherwise load every derivative of the exchange as well. */
export function spotOnly(exchange: CcxtExchange): void {
  exchange.options["defaultType"] = "spot";
  exchange.options["fetchMargins"] = false;
  const wanted: unknown = exchange.options["fetchMarkets"];
  if (Array.isArray(wanted) && wanted.includes("spot")) {
    exchange.options["fetchMarkets"] = ["spot"];
    return;
  }
  if (typeof wanted !== "object" || wanted === null || !("types" in wanted)) return;
  const types = wanted.types;
  if (Array.isArray(types) && types.includes("spot")) {
    exchange.options["fetchMarkets"] = { ...wanted, types: ["spot"] };
  } else if (typeof types === "object" && types !== null && "spot" in types) {
    const only = Object.fromEntries(
      Object.entries(types).map(([type, on]) => [
        type,
        typeof on === "boolean" ? type === "spot" : on,
      ]),
    );
    exchange.options["fetchMarkets"] = { ...wanted, types: only };
  }
}
