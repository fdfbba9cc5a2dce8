import { randomUUID } from "node:crypto";
import type { AccessToken, TokenCredential } from "@azure/identity";
import {
  Client,
  GraphError,
  HTTPMessageHandler,
  RetryHandler,
  RetryHandlerOptions,
  type Context,
  type Middleware,
} from "@microsoft/microsoft-graph-client";
import type { z } from "zod";
import { DependencyError } from "../../ports/dependency-error.ts";
import { graphBatch, graphPage } from "../../contracts/graph.ts";
import { chunks } from "../../domain/chunks.ts";

const TIMEOUT_MS = 20_000;
const READ_RETRIES = 2;
/** A read that is to wait longer fails as it was answered: the durable layer waits, not the activity. */
const LONGEST_WAIT_MS = 5_000;
const MOST_PAGES = 5_000;
/** @see https://learn.microsoft.com/graph/json-batching */
const MOST_IN_A_BATCH = 20;

/** Takes one page; answers `"enough"`, or promises it, if it wants no other. @param more whether there is another one */
type Take<T extends z.ZodType> = (rows: readonly z.output<T>[], more: boolean) => unknown;

/** Graph over its own middleware chain; see docs/decisions/0007-graph-client.md. */
export interface Graph {
  get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>>;
  /** Like `get`; `undefined` for 404. */
  find<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined>;
  /** All pages. A page link to another origin is refused and never called. */
  list<T extends z.ZodType>(path: string, item: T): Promise<readonly z.output<T>[]>;
  /**
   * The lists of several paths, in their order, twenty paths in one request. A path that fails there, or has more pages,
   * is read on its own, with what that retries.
   */
  lists<T extends z.ZodType>(paths: readonly string[], item: T): Promise<readonly (readonly z.output<T>[])[]>;
  /** Like `find` for each path, in their order, twenty in one request; what fails there is read on its own. */
  finds<T extends z.ZodType>(paths: readonly string[], schema: T): Promise<readonly (z.output<T> | undefined)[]>;
  /** Like `list`, page by page, so that no more than one is held; the next one is not read after `enough`. */
  visit<T extends z.ZodType>(path: string, item: T, take: Take<T>): Promise<void>;
  /** Like `post`. */
  patch(path: string, body: unknown, correlationId: string): Promise<unknown>;
  /** Sent once. @throws GraphError as the SDK throws it; DependencyError when there is no token, and nothing was sent */
  post(path: string, body: unknown, correlationId?: string): Promise<unknown>;
}

/** @param graphUrl origin of Graph, for example `https://graph.microsoft.com`; the token goes to no other origin. */
export function createGraph(graphUrl: string, credential: TokenCredential): Graph {
  const origin = new URL(graphUrl).origin;
  const base = `${origin}/v1.0`;
  const client = Client.initWithMiddleware({
    baseUrl: `${origin}/`,
    defaultVersion: "v1.0",
    middleware: chain(
      new RetryHandler(
        new RetryHandlerOptions(
          1,
          READ_RETRIES,
          (_delay, _attempt, _request, options, response) =>
            isRead(options?.method) && (waitOf(response.headers.get("retry-after")) ?? 0) <= LONGEST_WAIT_MS,
        ),
      ),
      new OneOrigin(origin),
      new HTTPMessageHandler(),
    ),
    fetchOptions: { redirect: "error" },
  });

  /** Before the SDK, which would turn what goes wrong with the token into a failed call. */
  const headers = async (correlationId: string = randomUUID()): Promise<Record<string, string>> => ({
    "client-request-id": correlationId,
    authorization: `Bearer ${await tokenFor(origin, credential)}`,
  });
  const read = async (path: string): Promise<unknown> => {
    const sent = await headers();
    try {
      return await client.api(path).headers(sent).get();
    } catch (error) {
      throw readFailure(error, path);
    }
  };
  const relative = (link: string): string => {
    if (!link.startsWith(`${base}/`))
      throw new DependencyError("Rejected", "Graph named a next page at another origin");
    return link.slice(base.length);
  };

  async function visit<T extends z.ZodType>(path: string, item: T, take: Take<T>): Promise<void> {
    const schema = graphPage(item);
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined; pages += 1) {
      if (pages === MOST_PAGES) throw new DependencyError("Rejected", "Graph answered too many pages");
      const page: z.output<typeof schema> = checked(schema, await read(next), path);
      const link: string | undefined = page["@odata.nextLink"];
      if ((await take(page.value, link !== undefined)) === "enough") return;
      next = link === undefined ? undefined : relative(link);
    }
  }

  async function list<T extends z.ZodType>(path: string, item: T): Promise<readonly z.output<T>[]> {
    const rows: z.output<T>[] = [];
    await visit(path, item, (page) => void rows.push(...page));
    return rows;
  }

  /** What one request for many answers, by the number of the path; empty where nothing came of it as a whole. */
  async function batch(paths: readonly string[]): Promise<ReadonlyMap<string, BatchPart>> {
    const requests = paths.map((url, index) => ({ id: String(index), method: "GET", url }));
    const sent = await headers();
    try {
      const answered = graphBatch.safeParse(await client.api("/$batch").headers(sent).post({ requests }));
      return new Map((answered.data?.responses ?? []).map((part) => [part.id, part]));
    } catch {
      return new Map();
    }
  }

  async function lists<T extends z.ZodType>(
    paths: readonly string[],
    item: T,
  ): Promise<readonly (readonly z.output<T>[])[]> {
    const found: (readonly z.output<T>[])[] = [];
    const schema = graphPage(item);
    for (const some of chunks(paths, MOST_IN_A_BATCH)) {
      const answers = some.length > 1 ? await batch(some) : new Map<string, BatchPart>();
      for (const [index, path] of some.entries()) {
        const page = schema.safeParse(bodyOf(answers.get(String(index))));
        const isWhole = page.success && page.data["@odata.nextLink"] === undefined;
        found.push(isWhole ? page.data.value : await list(path, item));
      }
    }
    return found;
  }

  async function find<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
    try {
      return checked(schema, await read(path), path);
    } catch (error) {
      if (error instanceof DependencyError && error.cause instanceof GraphError && error.cause.statusCode === 404)
        return undefined;
      throw error;
    }
  }

  async function finds<T extends z.ZodType>(
    paths: readonly string[],
    schema: T,
  ): Promise<readonly (z.output<T> | undefined)[]> {
    const found: (z.output<T> | undefined)[] = [];
    for (const some of chunks(paths, MOST_IN_A_BATCH)) {
      const answers = some.length > 1 ? await batch(some) : new Map<string, BatchPart>();
      for (const [index, path] of some.entries()) {
        const part = answers.get(String(index));
        const one = schema.safeParse(bodyOf(part));
        found.push(part?.status === 404 ? undefined : one.success ? one.data : await find(path, schema));
      }
    }
    return found;
  }

  return {
    get: async (path, schema) => checked(schema, await read(path), path),
    find,
    finds,
    list,
    lists,
    visit,
    patch: async (path, body, correlationId) =>
      client
        .api(path)
        .headers(await headers(correlationId))
        .patch(body) as Promise<unknown>,
    post: async (path, body, correlationId) =>
      client
        .api(path)
        .headers(await headers(correlationId))
        .post(body) as Promise<unknown>,
  };
}

type BatchPart = z.output<typeof graphBatch>["responses"][number];

const bodyOf = (part: BatchPart | undefined): unknown => (part?.status === 200 ? part.body : undefined);

const isRead = (method: string | undefined): boolean => method === undefined || method === "GET";

function chain(first: Middleware, ...rest: readonly Middleware[]): Middleware {
  let current = first;
  for (const next of rest) {
    current.setNext?.(next);
    current = next;
  }
  return first;
}

/** Lets a request pass only to exactly the configured origin: it carries the token. */
class OneOrigin implements Middleware {
  readonly #origin: string;
  #next: Middleware | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  async execute(context: Context): Promise<void> {
    const request: unknown = context.request; // the SDK types it with the browser's library
    const url = typeof request === "string" ? request : (request as { readonly url: string }).url;
    if (new URL(url).origin !== this.#origin)
      throw new DependencyError("Rejected", "Graph was asked for at another origin");
    context.options = { ...context.options, signal: AbortSignal.timeout(TIMEOUT_MS) };
    await this.#next?.execute(context);
  }

  setNext(next: Middleware): void {
    this.#next = next;
  }
}

/** A token endpoint that does not answer passes; an identity that is missing or refused does not. */
export async function tokenFor(origin: string, credential: TokenCredential): Promise<string> {
  let token: AccessToken | null;
  try {
    token = await credential.getToken(`${origin}/.default`);
  } catch (error) {
    const code = isRefusedIdentity(error) ? "Misconfigured" : "Unavailable";
    throw new DependencyError(code, "no token for Graph", { cause: error });
  }
  if (!token?.token) throw new DependencyError("Misconfigured", "no token for Graph");
  return token.token;
}

/** The identity endpoint refused (4xx), or there is none; the SDK keeps what it was answered in the causes. */
function isRefusedIdentity(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "CredentialUnavailableError" && error.cause === undefined) return true;
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown };
  const answered = Number(status ?? statusCode);
  return (answered >= 400 && answered < 500 && answered !== 408 && answered !== 429) || isRefusedIdentity(error.cause);
}

function checked<T extends z.ZodType>(schema: T, value: unknown, path: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new DependencyError("Rejected", `Graph answered ${pathOnly(path)} in an unknown form`);
  return parsed.data;
}

function readFailure(error: unknown, path: string): DependencyError {
  if (error instanceof DependencyError) return error;
  const status = error instanceof GraphError ? error.statusCode : -1;
  const code = error instanceof GraphError ? (error.code ?? "") : "";
  const message = `Graph GET ${pathOnly(path)}: ${status > 0 ? `${status} ${code}` : "no answer"}`;
  const retryAfterMs = retryAfterOf(error);
  const options = { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status === 429) return new DependencyError("Throttled", message, options);
  if (status <= 0 || status >= 500) return new DependencyError("Unavailable", message, options);
  return new DependencyError(status === 401 || status === 403 ? "Misconfigured" : "Rejected", message, options);
}

/** Our identity lacks the permission. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof DependencyError && error.cause instanceof GraphError && error.cause.statusCode === 403;

const pathOnly = (path: string): string => path.split("?")[0] ?? path;

/** `Retry-After` of an answer that the SDK took for a failure, in milliseconds. */
export const retryAfterOf = (error: unknown): number | undefined =>
  error instanceof GraphError
    ? waitOf(error.headers?.get("retry-after"))
    : error instanceof DependencyError
      ? error.retryAfterMs
      : undefined;

/** `Retry-After` in seconds or as a date, in milliseconds. */
function waitOf(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return Number.isNaN(ms) || ms < 0 ? undefined : ms;
}
