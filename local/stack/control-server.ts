import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ClockSetting } from "../clock.ts";
import type { Stack } from "./stack.ts";

/** An answer that is not 200. */
class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Body = Readonly<Record<string, unknown>>;
/** The groups of a path become the arguments. */
type Route = readonly [method: string, path: RegExp, run: (stack: Stack, body: Body, ...groups: string[]) => unknown];

const ROUTES: readonly Route[] = [
  ["GET", /^\/$/, (stack) => stack.describe()],
  ["POST", /^\/clock$/, moveClock],
  ["POST", /^\/settle$/, (stack) => stack.settle()],
  ["POST", /^\/processes\/(\w+)\/kill$/, (stack, body, name = "") => stack.kill(name, signalIn(body))],
  ["POST", /^\/processes\/(\w+)\/start$/, (stack, _body, name = "") => stack.start(name)],
  ["POST", /^\/processes\/(\w+)\/stop$/, (stack, _body, name = "") => stack.stopProcess(name)],
  ["POST", /^\/reset$/, (stack, body) => stack.reset(settingsIn(body))],
  ["POST", /^\/settings$/, (stack, body) => stack.configure(settingsIn(body))],
  ["POST", /^\/parts\/(\w+)\/(\w+)$/, (stack, body, part = "", operation = "") => stack.call(part, operation, body)],
];

/** Serves the control API of README.md on loopback. Answers how to stop it. */
export async function startControlServer(port: number, stack: Stack): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    void answer(stack, request).then(
      (result) => reply(response, 200, result === undefined ? {} : result),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        reply(response, error instanceof ControlError ? error.status : statusOf(message), { error: message });
      },
    );
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

async function answer(stack: Stack, request: IncomingMessage): Promise<unknown> {
  refuseBrowsers(request);
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  for (const [method, path, run] of ROUTES) {
    const match = path.exec(pathname);
    if (match && method === request.method) return run(stack, await bodyOf(request), ...match.slice(1));
  }
  throw new ControlError(404, `no such call: ${request.method ?? ""} ${pathname}`);
}

/** No page of another site may drive the stack: not by a form (it sends its origin), not by a rebound name. */
function refuseBrowsers(request: IncomingMessage): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (host !== "127.0.0.1" && host !== "localhost") throw new ControlError(400, "the Host header is not loopback");
  if (request.headers.origin !== undefined) throw new ControlError(400, "the control API takes no calls from pages");
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  if (text.trim() === "") return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  } catch {
    // Answered below, like everything else that is no JSON object.
  }
  throw new ControlError(400, "the body is not a JSON object");
}

async function moveClock(stack: Stack, body: Body): Promise<{ now: string }> {
  const { advanceMs, to, mode } = body;
  if (typeof advanceMs === "number" && advanceMs >= 0) return instant(await stack.clock.advance(advanceMs));
  if (typeof to === "string" && !Number.isNaN(Date.parse(to))) return instant(await stack.clock.to(Date.parse(to)));
  if (mode === "real" || mode === "manual")
    return instant(await stack.clock.setMode(mode satisfies ClockSetting["mode"]));
  throw new ControlError(400, 'say {"advanceMs": n}, {"to": "<instant>"} or {"mode": "real" | "manual"}');
}

const instant = (ms: number): { now: string } => ({ now: new Date(ms).toISOString() });

function signalIn(body: Body): NodeJS.Signals {
  const signal = body["signal"] ?? "SIGKILL";
  if (typeof signal === "string" && /^SIG[A-Z]+$/.test(signal)) return signal as NodeJS.Signals;
  throw new ControlError(400, "signal is the name of a signal, for example SIGKILL");
}

function settingsIn(body: Body): Readonly<Record<string, string>> {
  if (Object.values(body).every((value) => typeof value === "string")) return body as Readonly<Record<string, string>>;
  throw new ControlError(400, "settings are texts by name");
}

function statusOf(message: string): number {
  if (/^(there is no process|no operation)/.test(message)) return 404;
  return /(already|not) running$|does not go back$|cannot be moved$/.test(message) ? 409 : 500;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
