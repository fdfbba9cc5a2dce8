import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as it arrived. */
interface Arrived {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What is answered; `"nothing"` = silence, `"hangUp"` = the connection breaks. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    }
  | "nothing"
  | "hangUp";

/** A server that answers whatever a test wants, and keeps what arrives. */
interface AnsweringServer {
  readonly url: string;
  readonly arrived: readonly Arrived[];
}

/** Until the end of the test that calls it. `self` is the server's own origin. */
export async function answering(answer: (request: Arrived, self: string) => Answer): Promise<AnsweringServer> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one: Arrived = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      arrived.push(one);
      send(response, answer(one, url));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url, arrived };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === "nothing") return;
  if (answer === "hangUp") {
    response.destroy();
    return;
  }
  const { status = 200, headers = {}, json, text = "" } = answer;
  const contentType = json === undefined ? "text/html" : "application/json";
  response.writeHead(status, { "content-type": contentType, ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}
