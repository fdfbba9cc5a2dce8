import type { Invoker } from "../invoker.ts";
import type { FunctionDefinition } from "../function-definition.ts";
import { toHttpAnswer, toHttpInput, type HttpAnswer } from "./http-messages.ts";
import type { HostRequest } from "./host-server.ts";
import type { HttpRoutes } from "./http-routes.ts";

const NOT_FOUND: HttpAnswer = { status: 404, headers: {} };

/** What `/admin` tells and does. */
interface AdministeredHost {
  readonly functions: readonly FunctionDefinition[];
  runTimer(name: string): Promise<void>;
}

/** Requests to HTTP functions, and the few of the host's own `/admin` calls that tools use. */
export class FunctionDoor {
  readonly #routes: HttpRoutes;
  readonly #invoker: Invoker;
  readonly #host: AdministeredHost;

  constructor(routes: HttpRoutes, invoker: Invoker, host: AdministeredHost) {
    this.#routes = routes;
    this.#invoker = invoker;
    this.#host = host;
  }

  /** @throws what the function threw, as an Error */
  async answer(request: HostRequest): Promise<HttpAnswer> {
    const { pathname } = request.url;
    if (pathname.startsWith("/admin/")) return this.#admin(request);
    const found = this.#routes.find(request.method, pathname);
    if (!found) return NOT_FOUND;
    const input = toHttpInput(request.message, request.url, found.parameters, request.body);
    const { returnValue } = await this.#invoker.invoke(found.definition, input);
    return toHttpAnswer(returnValue?.http);
  }

  #admin({ method, url, message }: HostRequest): HttpAnswer {
    if (method === "GET" && url.pathname === "/admin/host/status") return json({ state: "Running" });
    if (method === "GET" && url.pathname === "/admin/functions") return json(this.#host.functions.map(configOf));
    const [, name] = /^\/admin\/functions\/([\w-]+)$/.exec(url.pathname) ?? [];
    // A page of another site cannot send this content type unasked.
    const isJson = message.headers["content-type"]?.startsWith("application/json") === true;
    if (method !== "POST" || name === undefined || !isJson) return NOT_FOUND;
    try {
      void this.#host.runTimer(name);
    } catch {
      return NOT_FOUND;
    }
    return { status: 202, headers: {} };
  }
}

const json = (value: unknown): HttpAnswer => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

const configOf = ({ name, metadata }: FunctionDefinition) => ({
  name,
  language: "node",
  isDisabled: false,
  config: { bindings: Object.values(metadata.bindings) },
});
