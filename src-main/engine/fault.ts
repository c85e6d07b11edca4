import type { Failure } from "../../src-preload/contract/result.ts";

/** An expected refusal: one clear sentence that says what, where and how to fix. Nothing was changed. */
export class EngineFault extends Error {
  override readonly name = "EngineFault";
  readonly code: Failure["code"];
  /** The form field at fault, e.g. `params.rsiPeriod`. */
  readonly field: string | undefined;
  constructor(code: Failure["code"], message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** The message of anything thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
