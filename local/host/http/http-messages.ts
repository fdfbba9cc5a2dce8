import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { HttpCookie, HttpData, TypedData } from "../typed-data.ts";

/** What goes back to the caller. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
}

const valued = (entries: Iterable<readonly [string, string]>) =>
  Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));

/** A request as an HTTP trigger gets it. */
export function toHttpInput(
  request: IncomingMessage,
  url: URL,
  parameters: Readonly<Record<string, string>>,
  body: Uint8Array,
): TypedData {
  const method = request.method ?? "GET";
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  const query = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const before = query.get(name);
    query.set(name, before === undefined ? value : `${before},${value}`);
  }
  const bodiless = method === "GET" || method === "HEAD" || body.length === 0;
  return {
    http: {
      method,
      url: url.href,
      nullableHeaders: valued(headers),
      nullableQuery: valued(query),
      nullableParams: valued(Object.entries(parameters)),
      identities: [],
      ...(bodiless ? {} : { body: { bytes: body } }),
    },
  };
}

/** What an HTTP function returned; nothing returned is 204. */
export function toHttpAnswer(output: HttpData | undefined): HttpAnswer {
  if (!output) return { status: 204, headers: {} };
  const cookies = (output.cookies ?? []).map(setCookie);
  const headers = { ...output.headers, ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) };
  const body = output.body?.bytes ?? output.body?.string ?? output.body?.json;
  const status = Number(output.statusCode ?? 200);
  const bodiless = body === undefined || body.length === 0 || status === 204 || status === 205 || status === 304;
  return { status, headers, ...(bodiless ? {} : { body }) };
}

const SAME_SITE = { none: undefined, lax: "lax", strict: "strict", explicitNone: "none" } as const;

/** A cookie as ASP.NET Core writes it: the value escaped, the whole site as default path. */
function setCookie(cookie: HttpCookie): string {
  const { name, value, domain, path, expires, secure, httpOnly, sameSite, maxAge } = cookie;
  const site = SAME_SITE[sameSite ?? "none"];
  return [
    `${name}=${encodeURIComponent(value)}`,
    expires && `expires=${new Date(expires.value.seconds * 1000).toUTCString()}`,
    maxAge && `max-age=${Math.trunc(maxAge.value)}`,
    domain && `domain=${domain.value}`,
    `path=${path?.value ?? "/"}`,
    secure?.value && "secure",
    site && `samesite=${site}`,
    httpOnly?.value && "httponly",
  ]
    .filter(Boolean)
    .join("; ");
}
