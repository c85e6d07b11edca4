/** What went wrong, in one clear sentence: what, where, how to fix. `field` names the form field at fault. */
export interface Failure {
  readonly code: "invalid" | "not_found" | "conflict" | "unavailable" | "forbidden" | "internal";
  readonly message: string;
  readonly field?: string;
}

/** Every answer of the main process: errors are values, never thrown across IPC. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: Failure };
