import type { FunctionDefinition } from "../function-definition.ts";
import { parseRouteTemplate, type RouteTemplate } from "./route-template.ts";

interface HttpRoute {
  readonly definition: FunctionDefinition;
  readonly template: RouteTemplate;
  readonly methods: ReadonlySet<string>;
}

/** The HTTP functions of an app by method and path. */
export class HttpRoutes {
  readonly #prefix: string;
  readonly #routes: readonly HttpRoute[];

  /** @throws Error naming the function whose route cannot be read */
  constructor(definitions: readonly FunctionDefinition[], routePrefix: string) {
    this.#prefix = routePrefix.replace(/^\/|\/$/g, "");
    this.#routes = definitions
      .filter(({ trigger }) => trigger.type === "httpTrigger")
      .map((definition) => toRoute(definition))
      .sort((a, b) => (a.template.precedence < b.template.precedence ? -1 : 1));
  }

  /** The function for a request and the parameters of its route. `undefined` also for a method that no route takes. */
  find(method: string, pathname: string) {
    const start = this.#prefix === "" ? "/" : `/${this.#prefix}/`;
    if (!`${pathname}/`.toLowerCase().startsWith(start.toLowerCase())) return undefined;
    const path = pathname.slice(start.length);
    for (const { definition, template, methods } of this.#routes) {
      const parameters = methods.has(method) ? template.match(path) : undefined;
      if (parameters) return { definition, parameters };
    }
    return undefined;
  }
}

function toRoute(definition: FunctionDefinition): HttpRoute {
  const { route, methods } = definition.trigger;
  const template = typeof route === "string" && route !== "" ? route : definition.name;
  try {
    return {
      definition,
      template: parseRouteTemplate(template),
      methods: new Set((Array.isArray(methods) ? methods : ["GET", "POST"]).map((name) => String(name).toUpperCase())),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The '${definition.name}' function is in error: ${reason}`, { cause: error });
  }
}
