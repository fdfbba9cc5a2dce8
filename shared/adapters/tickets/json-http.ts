import { DependencyError } from "../../ports/dependency-error.ts";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 1_048_576;

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface JsonRequest {
  readonly method?: "GET" | "POST" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * One call to a ticket system: no redirects, ten seconds, one mebibyte, JSON only. Answers 2xx, 400, 401, 403 and 404 as they are.
 * @throws DependencyError `Throttled` (429), `Unavailable` (5xx, no answer, HTML in place of JSON), with the system's name
 */
export async function callJson(system: string, url: string, request: JsonRequest = {}): Promise<JsonAnswer> {
  const response = await send(system, url, request);
  if (response.status === 429) throw new DependencyError("Throttled", `${system}: 429`, retryAfter(response));
  if (response.status >= 500)
    throw new DependencyError("Unavailable", `${system}: ${response.status}`, retryAfter(response));
  const text = await readCapped(system, response);
  if (text === "") return { status: response.status, body: undefined };
  if (!/\bjson\b/i.test(response.headers.get("content-type") ?? ""))
    throw new DependencyError("Unavailable", `${system}: not JSON, status ${response.status}`);
  try {
    return { status: response.status, body: JSON.parse(text) as unknown };
  } catch (cause) {
    throw new DependencyError("Unavailable", `${system}: broken JSON`, { cause });
  }
}

async function send(
  system: string,
  url: string,
  { method = "GET", headers, json, form }: JsonRequest,
): Promise<Response> {
  const body = json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : undefined;
  const contentType = json !== undefined ? "application/json" : form ? "application/x-www-form-urlencoded" : undefined;
  try {
    return await fetch(url, {
      method,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: "application/json", ...(contentType ? { "content-type": contentType } : {}), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  } catch (cause) {
    throw new DependencyError("Unavailable", `${system}: no answer`, { cause });
  }
}

async function readCapped(system: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      total += chunk.byteLength;
      if (total > MOST_BYTES) throw new DependencyError("Rejected", `${system}: the answer is too large`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof DependencyError) throw cause;
    throw new DependencyError("Unavailable", `${system}: the answer broke off`, { cause });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function retryAfter(response: Response): { readonly retryAfterMs?: number } {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1_000 } : {};
}
