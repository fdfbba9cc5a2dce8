/** A request as it reached the host; `path` is what follows `durabletask/`, still percent-encoded. */
export interface HubRequest {
  readonly method: string;
  /** Absolute, as the caller sees it: the `Location` of a running instance is the question asked again. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface HubResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

export const empty = (status: number): HubResponse => ({ status, headers: {}, body: "" });

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HubResponse =>
  jsonText(status, JSON.stringify(body), headers);

/** The real endpoint can answer what is no JSON: see `rawValue`. */
export const jsonText = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HubResponse => ({ status, headers: { ...JSON_TYPE, ...headers }, body });

/** An error with the fields of a .NET exception. */
export const exception = (status: number, message: string, type: string, text: string): HubResponse =>
  json(status, { Message: message, ExceptionMessage: text, ExceptionType: type, StackTrace: null });

/** Stored text as it is rendered: JSON where it parses, else a string, and `undefined` as the bare word. */
export function rawValue(text: string | null): string {
  if (text === null) return "null";
  if (text === "undefined") return text;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}

/** Without its parameters. */
export const mediaType = (headers: HubRequest["headers"]): string =>
  (String(headers["content-type"] ?? "").split(";")[0] ?? "").trim().toLowerCase();

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
