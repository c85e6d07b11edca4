/** A wrong command line or file: one sentence that says what, where and how to fix it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
