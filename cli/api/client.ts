import type { z } from "zod";
import { ExitCode, notSignedIn, unavailable } from "../exit-code.ts";
import type { Session } from "../sign-in/session.ts";
import { problemError } from "./problem.ts";

const LONGEST_WAIT_MS = 30_000;

/** The HTTP doors of the service. Every call throws `CliError`: refused, not signed in or not available. */
export interface Api {
  get<T extends z.ZodType>(path: string, answer: T): Promise<z.output<T>>;
  post<T extends z.ZodType>(path: string, call: PostCall, answer: T): Promise<z.output<T>>;
  /** The body as it comes, of any length. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
}

interface PostCall {
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
}

interface Call {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function createApi(session: Session): Api {
  return {
    get: async (path, answer) => read(await send(session, path, { method: "GET" }), answer),
    post: async (path, { body, idempotencyKey }, answer) => {
      const headers = {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      return read(await send(session, path, { method: "POST", headers, ...content }), answer);
    },
    stream: async (path) => {
      const { body } = await send(session, path, { method: "GET" });
      if (!body) throw unavailable("the service answered without a body");
      return body;
    },
  };
}

/** Sends once more with another token where the service refused the first: its clock may be ahead of ours. */
async function send(session: Session, path: string, call: Call): Promise<Response> {
  const first = await sendWith(session, await session.accessToken(), path, call);
  const renewed = first.status === 401 ? await session.renewedToken() : undefined;
  const response = renewed === undefined ? first : await sendWith(session, renewed, path, call);
  if (response.ok) return response;
  const error = problemError(response.status, await bodyOf(response));
  throw error.exitCode === ExitCode.NotSignedIn
    ? notSignedIn(`the service does not accept the sign-in: ${session.signInAgain}`, error)
    : error;
}

/** The time limit ends with the headers, so that a long export may take its time. No redirect is followed with a token. */
async function sendWith({ apiUrl }: Session, token: string, path: string, call: Call): Promise<Response> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LONGEST_WAIT_MS);
  try {
    return await fetch(apiUrl + path, {
      ...call,
      headers: { ...call.headers, accept: "application/json", authorization: `Bearer ${token}` },
      redirect: "error",
      signal: limit.signal,
    });
  } catch (error) {
    throw unavailable(`the service at ${apiUrl} does not answer`, error);
  } finally {
    clearTimeout(timer);
  }
}

async function read<T extends z.ZodType>(response: Response, answer: T): Promise<z.output<T>> {
  const parsed = answer.safeParse(await bodyOf(response));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unavailable(`the service gave an answer that zs does not understand (${issue?.path.join(".") ?? ""})`);
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
