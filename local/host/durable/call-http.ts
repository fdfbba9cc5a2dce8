import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { DurableHttpRequest } from "./protocol.ts";

/** The activity that `callHttp` runs; the extension's own, not the app's. */
export const HTTP_ACTIVITY = "BuiltIn::HttpActivity";

/** What the activity answers; JavaScript gets it as it is, also a 404. */
export interface DurableHttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly content: string;
}

/** @throws Error where there is no answer */
export type HttpCaller = (request: DurableHttpRequest, instanceId: string) => Promise<DurableHttpResponse>;

const MOST_REDIRECTS = 50;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
/** .NET counts these as part of the content, and the activity does not pass them on. */
const CONTENT_HEADERS = /^(allow|content-.*|expires|last-modified)$/i;
const KNOWN_HEADERS =
  "Accept-Ranges Age Cache-Control Connection Date ETag Keep-Alive Location Pragma Proxy-Authenticate Retry-After Server Set-Cookie Trailer Transfer-Encoding Upgrade Vary Via Warning WWW-Authenticate".split(
    " ",
  );

/** Calls out, but to this machine and to `allowedHosts` only: what runs locally shall touch nothing else by mistake. */
export const httpCaller =
  (allowedHosts: readonly string[]): HttpCaller =>
  async (request) => {
    if (request.tokenSource) throw new Error("callHttp with a tokenSource is not simulated");
    let { method, content } = request;
    let url = new URL(request.uri);
    for (let redirects = 0; ; redirects += 1) {
      if (!LOOPBACK.test(url.hostname) && !allowedHosts.includes(url.hostname))
        throw new Error(`callHttp reaches only this machine here, and not ${url.hostname}: see LOCAL_CALL_HTTP_HOSTS`);
      const answer = await send({ ...request, method, ...(content === undefined ? {} : { content }) }, url);
      const { statusCode = 0, headers } = answer.message;
      const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
      if (!isRedirect || redirects === MOST_REDIRECTS) {
        return { statusCode, headers: responseHeaders(answer.message.rawHeaders), content: answer.content };
      }
      url = new URL(headers.location ?? "", url);
      if (statusCode === 303 || (statusCode < 303 && method.toUpperCase() === "POST"))
        [method, content] = ["GET", undefined];
    }
  };

async function send(request: DurableHttpRequest, url: URL): Promise<{ message: IncomingMessage; content: string }> {
  const { method, content, headers = {} } = request;
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const sent = {
    ...headers,
    ...(content === undefined || isTyped ? {} : { "content-type": "text/plain" }),
    ...(content === undefined ? {} : { "content-length": String(Buffer.byteLength(content)) }),
  };
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = url.protocol === "https:" ? httpsRequest : httpRequest;
    call(url, { method, headers: sent }, resolve).on("error", reject).end(content);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return { message, content: Buffer.concat(chunks).toString("utf8") };
}

/** As .NET names them; a header that came several times has a list. */
function responseHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const [sent = "", value = ""] = raw.slice(index, index + 2);
    if (CONTENT_HEADERS.test(sent)) continue;
    const name = KNOWN_HEADERS.find((known) => known.toLowerCase() === sent.toLowerCase()) ?? sent;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
