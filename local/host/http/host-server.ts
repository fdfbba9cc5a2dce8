import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpAnswer } from "./http-messages.ts";

/** A request whose body, if it has one, has been read. */
export interface HostRequest {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly url: URL;
  readonly body: Uint8Array;
}

const DEFAULT_BODY_LIMIT = 104_857_600;
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** One HTTP server of the host: loopback only, foreign `Host` headers and bodies that are too long refused. */
export class HostServer {
  readonly #server: Server;
  readonly #bodyLimit: number;
  readonly #answer: (request: HostRequest) => Promise<HttpAnswer>;

  constructor(answer: (request: HostRequest) => Promise<HttpAnswer>, bodyLimit = DEFAULT_BODY_LIMIT) {
    this.#answer = answer;
    this.#bodyLimit = bodyLimit;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Answers the port. 0 = any free one. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => this.#server.once("error", reject).listen(port, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no new requests; those under way get `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = "" } = message.headers;
    if (!LOOPBACK.test(host)) {
      send(response, message, { status: 421, headers: {}, body: "misdirected request" });
      return;
    }
    const body = await this.#readBody(message).catch(() => undefined);
    if (!body) {
      send(response, message, { status: 413, headers: { connection: "close" } });
      return;
    }
    const url = new URL(message.url ?? "/", `http://${host}`);
    const answer = await this.#answer({ message, method: message.method ?? "GET", url, body }).catch(
      (): HttpAnswer => ({ status: 500, headers: {} }),
    );
    send(response, message, answer);
  }

  /** As the platform: a body without `Content-Length` does not reach the function. */
  async #readBody(message: IncomingMessage): Promise<Uint8Array> {
    const announced = Number(message.headers["content-length"] ?? 0);
    if (announced > this.#bodyLimit) throw new Error("the body is too long");
    const chunks: Buffer[] = [];
    for await (const chunk of message) if (announced > 0) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

function send(response: ServerResponse, request: IncomingMessage, { status, headers, body }: HttpAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}
