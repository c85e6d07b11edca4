import * as z from "zod";

/** What a form, the documentation and a sweep need to know of a number. */
interface FieldSpec {
  readonly title: string;
  /** One sentence of help. */
  readonly help: string;
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

const metaOf = (spec: FieldSpec) => ({
  title: spec.title,
  description: spec.help,
  unit: spec.unit,
  step: spec.step,
});

/** A whole number with default, range and help. */
export const wholeField = (spec: FieldSpec) =>
  z.int().min(spec.min).max(spec.max).default(spec.default).meta(metaOf(spec));

/** A number with default, range and help. */
export const numberField = (spec: FieldSpec) =>
  z.number().min(spec.min).max(spec.max).default(spec.default).meta(metaOf(spec));

/** A count of candles that an indicator looks over. */
export const periodField = (title: string, help: string, value: number, max = 100) =>
  wholeField({ title, help, unit: "candles", default: value, min: 2, max, step: 1 });

/** The two fields of every stop-loss. */
export const stopFields = (multiple: number) => ({
  atrPeriod: periodField("ATR period", "Candles of the average true range behind the stop.", 14),
  stopAtr: numberField({
    title: "Stop distance",
    help: "How far from the close of the entry's candle the stop-loss is put.",
    unit: "× ATR",
    default: multiple,
    min: 0.5,
    max: 10,
    step: 0.1,
  }),
});
