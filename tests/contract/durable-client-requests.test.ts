import { describe, expect, it } from "vitest";
import { TestHub } from "../support/durable-hub.ts";
import { loadTraces, sourcesOf, type Trace } from "../support/durable-traces.ts";

interface ClientCall {
  readonly call: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string | null>>;
    readonly body: string;
    readonly status: number;
  }[];
  readonly resolved?: unknown;
}

type ClientTrace = Trace & { readonly sdkCalls?: readonly ClientCall[] };

describe("the requests of the real DurableClient", () => {
  for (const trace of loadTraces() as ClientTrace[]) {
    if (!trace.sdkCalls) continue;
    it(`are answered with the recorded statuses: ${trace.scenario}`, async () => {
      const hub = new TestHub("");
      for (const [, source] of sourcesOf(trace)) hub.app.load(source);
      const ids = new Map<string, string>();
      const answers = [];
      for (const { call, requests, resolved } of trace.sdkCalls ?? []) {
        for (const request of requests) {
          const { status, body } = await ask(hub, request, ids);
          if (typeof resolved === "string" && status === 202) remember(ids, resolved, body);
          answers.push({ call, request: `${request.method} ${request.path}`, status });
        }
      }
      await hub.close();
      expect(answers).toEqual(
        trace.sdkCalls?.flatMap(({ call, requests }) =>
          requests.map(({ method, path, status }) => ({ call, request: `${method} ${path}`, status })),
        ),
      );
    });
  }
});

async function ask(hub: TestHub, request: ClientCall["requests"][number], ids: ReadonlyMap<string, string>) {
  const recorded = request.path.replace("/durabletask/", "");
  const path = [...ids].reduce((known, [theirs, ours]) => known.replace(theirs, ours), recorded);
  const [pathname = "", query = ""] = path.split("?");
  const answer = await hub.hub.http({
    method: request.method,
    url: `http://127.0.0.1:1/durabletask/${path}`,
    path: pathname,
    query: new URLSearchParams(query.replace(/createdTimeFrom=[^&]*/, "createdTimeFrom=2100-01-01T00:00:00Z")),
    headers: { "content-type": request.headers["content-type"] ?? undefined },
    body: request.body,
  });
  await hub.hub.idle();
  return answer;
}

/** Ids that the hub makes up differ. */
function remember(ids: Map<string, string>, recorded: string, body: string): void {
  const { id } = body === "" ? {} : (JSON.parse(body) as { readonly id?: string });
  if (id !== undefined) ids.set(recorded, id);
}
