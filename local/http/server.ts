import { serve, type HttpBindings, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { ControlOperations } from "../service.ts";
import { Faults, type FaultRule } from "./faults.ts";

export type LocalApp = Hono<{ Bindings: HttpBindings }>;

/** One request and its answer as seen by a simulator; bodies are text, at most 64 KiB of each. */
export interface Exchange {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
  /** A body was longer than what is kept of it. */
  readonly truncated: boolean;
}

const MAX_EXCHANGES = 5_000;
const MAX_BODY = 65_536;

/**
 * An HTTP server of the local stack: loopback only, foreign `Host` headers refused, faults injected, traffic kept.
 * Every simulator mounts its routes on `app` before `start`.
 */
export class LocalServer {
  readonly app: LocalApp = new Hono<{ Bindings: HttpBindings }>();
  readonly faults = new Faults();
  readonly exchanges: Exchange[] = [];
  #server: ServerType | undefined;
  readonly #port: number;

  constructor(address: string) {
    this.#port = Number(new URL(address).port);
    this.app.use(async (c, next) => {
      const host = new URL(c.req.url).hostname;
      if (host !== "127.0.0.1" && host !== "localhost") return c.text("misdirected request", 421);
      const url = new URL(c.req.url);
      const path = url.pathname + url.search;
      const requestBody = c.req.method === "GET" || c.req.method === "HEAD" ? "" : await c.req.raw.clone().text();
      const fault = this.faults.take({ method: c.req.method, path, body: requestBody });
      if (fault?.kind === "latency") await new Promise((resolve) => setTimeout(resolve, fault.ms));
      if (fault?.kind === "drop") {
        c.env.incoming.socket.destroy();
        return RESPONSE_ALREADY_SENT;
      }
      if (fault?.kind === "status") {
        c.res = new Response(fault.body ?? "", { status: fault.status, headers: { ...fault.headers } });
      } else {
        await next();
      }
      if (fault?.kind === "statusAfterEffect")
        c.res = new Response(fault.body ?? "", { status: fault.status, headers: { ...fault.headers } });
      await this.#keep(c.req.raw, path, requestBody, c.res);
      if (fault?.kind === "lostReply") {
        c.env.incoming.socket.destroy();
        c.res = RESPONSE_ALREADY_SENT;
      }
      return;
    });
  }

  /** `faults` adds a rule, `clearFaults` removes all, `exchanges` answers the traffic, `clearExchanges` forgets it. */
  readonly control: ControlOperations = {
    faults: (rule) => this.faults.add(rule as unknown as FaultRule),
    clearFaults: () => this.faults.clear(),
    exchanges: () => this.exchanges,
    clearExchanges: () => {
      this.exchanges.length = 0;
    },
  };

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server = serve({ fetch: this.app.fetch, port: this.#port, hostname: "127.0.0.1" }, () => resolve());
      this.#server.on("error", reject);
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  }

  async #keep(request: Request, path: string, requestBody: string, response: Response): Promise<void> {
    const responseBody = response.body ? await response.clone().text() : "";
    this.exchanges.push({
      at: new Date().toISOString(),
      method: request.method,
      path,
      requestHeaders: redacted(request.headers),
      requestBody: requestBody.slice(0, MAX_BODY),
      status: response.status,
      responseHeaders: Object.fromEntries(response.headers),
      responseBody: responseBody.slice(0, MAX_BODY),
      truncated: Math.max(requestBody.length, responseBody.length) > MAX_BODY,
    });
    if (this.exchanges.length > MAX_EXCHANGES) this.exchanges.shift();
  }
}

function redacted(headers: Headers): Record<string, string> {
  const kept = Object.fromEntries(headers);
  if (kept["authorization"] !== undefined) kept["authorization"] = `${kept["authorization"].split(" ")[0] ?? ""} …`;
  return kept;
}
