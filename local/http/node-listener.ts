import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** What answers: a listener of `node:http` that says when it has failed. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A request for a listener that was mounted under a prefix: `url` is without it, `originalUrl` with it. */
interface MountedRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl: string;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Lets a listener written for `node:http` (a Koa app) answer one request in memory. The answer comes back as a value,
 * so that faults and the exchange log of `LocalServer` work for it as for every other route.
 */
export function answerOf(listener: NodeListener, request: MountedRequest): Promise<Response> {
  const incoming = new IncomingMessage(new Socket());
  const body = Buffer.from(request.body);
  incoming.method = request.method;
  incoming.url = request.url;
  incoming.headers = { ...Object.fromEntries(request.headers), "content-length": String(body.length) };
  Object.assign(incoming, { originalUrl: request.originalUrl, complete: true });
  if (body.length > 0) incoming.push(body);
  else delete incoming.headers["content-length"];
  incoming.push(null);

  return new Promise((resolve, reject) => {
    const outgoing = new CapturedResponse(incoming, resolve);
    listener(incoming, outgoing).catch(reject);
  });
}

/** Keeps what is written to it; nothing reaches a socket. */
class CapturedResponse extends ServerResponse {
  readonly #chunks: Buffer[] = [];
  readonly #done: (response: Response) => void;

  constructor(request: IncomingMessage, done: (response: Response) => void) {
    super(request);
    this.#done = done;
  }

  override write(chunk: unknown): boolean {
    this.#chunks.push(Buffer.from(chunk as string | Uint8Array));
    return true;
  }

  override end(chunk?: unknown): this {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) this.write(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(this.getHeaders())) {
      for (const one of Array.isArray(value) ? value : [value]) headers.append(name, String(one));
    }
    const empty = this.#chunks.length === 0;
    this.#done(new Response(empty ? null : Buffer.concat(this.#chunks), { status: this.statusCode, headers }));
    this.emit("finish");
    return this;
  }
}
