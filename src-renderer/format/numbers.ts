const THIN_SPACE = "\u202f";
const MINUS = "\u2212";
/** What stands in a cell whose figure is not known; never a zero. */
export const UNKNOWN = "–";

const formatters = new Map<number, Intl.NumberFormat>();
const formatterFor = (decimals: number): Intl.NumberFormat => {
  let formatter = formatters.get(decimals);
  if (!formatter) {
    formatter = new Intl.NumberFormat("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    formatters.set(decimals, formatter);
  }
  return formatter;
};

const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

const magnitude = (value: number, decimals: number): string =>
  formatterFor(decimals).format(Math.abs(value)).replaceAll(",", THIN_SPACE);

/** True where the figure has a digit other than 0 at this many decimals: −0.001 at two decimals has none. */
const showsDigits = (text: string): boolean => /[1-9]/.test(text);

/** "1 234.50" with thin spaces and a true minus sign; an en dash for null and for what is not finite. */
export function formatNumber(value: number | null | undefined, decimals: number): string {
  if (!known(value)) return UNKNOWN;
  const text = magnitude(value, decimals);
  return value < 0 && showsDigits(text) ? MINUS + text : text;
}

/** As {@link formatNumber}, with a plus sign for gains; a figure that rounds to 0 has no sign. */
export function formatSigned(value: number | null | undefined, decimals: number): string {
  if (!known(value)) return UNKNOWN;
  const text = magnitude(value, decimals);
  if (!showsDigits(text)) return text;
  return (value < 0 ? MINUS : "+") + text;
}

/** −1, 0 or 1 by what is shown at this many decimals, so that colour, arrow and sign never disagree. */
export function signOf(value: number | null | undefined, decimals: number): -1 | 0 | 1 {
  if (!known(value) || !showsDigits(magnitude(value, decimals))) return 0;
  return value < 0 ? -1 : 1;
}

/** Quote currency to the cent. */
export const formatMoney = (value: number | null | undefined): string => formatNumber(value, 2);

/** Decimals that keep about five significant digits of a price in quote currency. */
export function priceDecimals(price: number): number {
  const size = Math.abs(price);
  if (size >= 100 || size === 0) return 2;
  if (size >= 10) return 3;
  if (size >= 1) return 4;
  return size >= 0.01 ? 5 : 8;
}

/** A price in quote currency. */
export const formatPrice = (price: number | null | undefined): string =>
  known(price) ? formatNumber(price, priceDecimals(price)) : UNKNOWN;

/** A size in base currency: up to six decimals, none that say nothing. */
export function formatQuantity(quantity: number | null | undefined): string {
  if (!known(quantity)) return UNKNOWN;
  const size = Math.abs(quantity);
  const decimals = size >= 1000 ? 0 : size >= 10 ? 2 : size >= 1 ? 3 : 5;
  return formatNumber(quantity, decimals);
}

/** A share 0..1 as "97.4 %". */
export const formatShare = (share: number | null | undefined, decimals = 1): string =>
  known(share) ? `${formatNumber(share * 100, decimals)}${THIN_SPACE}%` : UNKNOWN;

/** Milliseconds without unit: whole from 10 up, one decimal below. */
export const formatMs = (ms: number | null | undefined): string =>
  known(ms) ? formatNumber(ms, Math.abs(ms) >= 10 || ms === 0 ? 0 : 1) : UNKNOWN;

/** "1 bot", "3 bots", "1 234 bots". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count, 0)} ${count === 1 ? one : many}`;
