import { RestError } from "@azure/storage-blob";
import { DependencyError } from "../../ports/dependency-error.ts";

/** Runs a call of the SDK; what it throws comes out as a `DependencyError` that names the blob and the status. */
export async function guarded<T>(name: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asDependencyError(name, error);
  }
}

function asDependencyError(name: string, error: unknown): unknown {
  if (error instanceof RestError) {
    const { statusCode, code } = error;
    return new DependencyError(codeOf(statusCode), `audit copy, ${name}: ${statusCode ?? ""} ${code ?? ""}`.trimEnd(), {
      cause: error,
    });
  }
  const kind = error instanceof Error ? error.name : "";
  if (kind === "AuthenticationError" || kind === "CredentialUnavailableError" || kind === "AbortError")
    return new DependencyError("Unavailable", `audit copy, ${name}: ${kind}`, { cause: error });
  return error;
}

function codeOf(status: number | undefined): DependencyError["code"] {
  if (status === 429 || status === 503) return "Throttled";
  if (status === undefined || status === 408 || status >= 500) return "Unavailable";
  return status === 401 || status === 403 || status === 404 ? "Misconfigured" : "Rejected";
}
