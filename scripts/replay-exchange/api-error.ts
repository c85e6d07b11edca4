/** An answer with one of Binance's error codes. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A sentence for the person who typed a wrong flag, file or request to a control endpoint. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
