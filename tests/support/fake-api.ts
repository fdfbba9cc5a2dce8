import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A call that the fake service got. */
export interface ApiCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** What the fake service answers: JSON, or whatever is written to the response. */
export type ApiAnswer =
  { readonly status: number; readonly body: unknown } | ((response: ServerResponse, call: ApiCall) => void);

/** The HTTP doors of the service, without the service: answers what the test says. */
export interface FakeApi {
  readonly url: string;
  readonly calls: ApiCall[];
  /** `"GET /api/activations"` → answers in their order; the last one stays. */
  answers: Readonly<Record<string, readonly ApiAnswer[]>>;
  stop(): Promise<void>;
}

export async function startFakeApi(): Promise<FakeApi> {
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api: FakeApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answers: {},
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const chunks = (await request.toArray()) as Buffer[];
    const text = Buffer.concat(chunks).toString();
    const call = { method, url, headers, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    api.calls.push(call);
    const route = `${method} ${url.split("?", 1)[0] ?? ""}`;
    const given = api.answers[route] ?? [];
    const seen = api.calls.filter((one) => `${one.method} ${one.url.split("?", 1)[0] ?? ""}` === route).length;
    const answer = given[Math.min(seen, given.length) - 1] ?? aProblem(404, "NotFound", "There is no such thing.");
    if (typeof answer === "function") {
      answer(response, call);
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
  }
  return api;
}

/** An RFC 9457 answer as the service gives it. */
export const aProblem = (status: number, code: string, title: string, more: object = {}): ApiAnswer => ({
  status,
  body: { type: `urn:zero-standing:problem:${code}`, title, status, code, ...more },
});
