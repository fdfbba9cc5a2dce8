import { RestError } from "@azure/data-tables";
import { DependencyError } from "../../ports/dependency-error.ts";

/** Runs a call of the SDK; what it throws comes out as a `DependencyError` that names the table and the status. */
export async function guarded<T>(table: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asDependencyError(table, error);
  }
}

/** Like `guarded`, but one of the statuses is an answer: `undefined`. A table that is not there never is. */
export function unlessStatus<T>(
  table: string,
  statuses: readonly number[],
  call: () => Promise<T>,
): Promise<T | undefined> {
  return guarded(table, async () => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof RestError && statuses.includes(error.statusCode ?? 0) && !isTableMissing(error))
        return undefined;
      throw error;
    }
  });
}

/** Errors that are not of the service or the way to it stay what they are. */
function asDependencyError(table: string, error: unknown): unknown {
  if (error instanceof RestError) {
    const retryAfterMs = retryAfterOf(error);
    return new DependencyError(codeOf(error), `table storage, ${table}: ${error.statusCode ?? error.code ?? "?"}`, {
      cause: error,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "AuthenticationError" || name === "CredentialUnavailableError" || name === "AbortError")
    return new DependencyError("Unavailable", `table storage, ${table}: ${name}`, { cause: error });
  return error;
}

function codeOf(error: RestError): DependencyError["code"] {
  const status = error.statusCode;
  // Storage says "server busy" with 503 when a partition or the account is over its limit.
  if (status === 429 || status === 503) return "Throttled";
  if (status === undefined || status === 408 || status >= 500) return "Unavailable";
  if (status === 401 || status === 403 || isTableMissing(error)) return "Misconfigured";
  return "Rejected";
}

function retryAfterOf(error: RestError): number | undefined {
  const seconds = Number(error.response?.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

const isTableMissing = (error: RestError): boolean =>
  error.statusCode === 404 && (error.response?.bodyAsText ?? "").includes("TableNotFound");
