/**
 * `Throttled` and `Unavailable` pass: try again. `Misconfigured` and `Rejected` last: somebody has to do something.
 * The message begins with the code, because messages survive where classes do not.
 */
export type DependencyErrorCode = "Throttled" | "Unavailable" | "Misconfigured" | "Rejected";

/** A dependency failed. Messages name the dependency and the status, never a token or a body. */
export class DependencyError extends Error {
  readonly code: DependencyErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: DependencyErrorCode,
    message: string,
    options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(`[${code}] ${message}`, { cause: options.cause });
    this.name = "DependencyError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
