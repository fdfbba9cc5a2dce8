import { z } from "zod";
import { badRequest } from "./errors.ts";
import type { Directory, GraphApp, GraphContext } from "./graph-app.ts";
import { bodyOf } from "./operations-requests.ts";

const Part = z.object({
  id: z.string(),
  method: z.enum(["GET", "POST", "PATCH", "PUT", "DELETE"]),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
type Part = z.infer<typeof Part>;
const Batch = z.object({ requests: z.array(Part).min(1).max(20) });

interface PartAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

type Send = (request: Request, env: GraphContext["env"]) => Response | Promise<Response>;

/** Up to twenty requests in one. Each part meets its own faults and has its own status; the whole is 200. */
export function mountBatch(graph: GraphApp, { baseUrl }: Directory, send: Send): void {
  graph.post("/$batch", async (c) => {
    const batch = Batch.safeParse(await bodyOf(c));
    if (!batch.success) throw badRequest(`Invalid batch payload format: ${batch.error.issues[0]?.message ?? ""}`);
    const parts = batch.data.requests;
    if (new Set(parts.map(({ id }) => id)).size < parts.length) throw badRequest("Request ids must be unique.");
    const answers = new Map<string, PartAnswer>();
    for (const part of parts) answers.set(part.id, await answerPart(c, baseUrl, send, part, answers));
    return c.json({ responses: [...answers.values()] });
  });
}

async function answerPart(
  c: GraphContext,
  baseUrl: string,
  send: Send,
  part: Part,
  answers: ReadonlyMap<string, PartAnswer>,
): Promise<PartAnswer> {
  if (part.body !== undefined && !Object.keys(part.headers).some((name) => name.toLowerCase() === "content-type"))
    throw badRequest("Content-Type header is required for requests with a body.");
  if (part.dependsOn.some((id) => (answers.get(id)?.status ?? 400) >= 400))
    return { id: part.id, status: 424, headers: {}, body: { error: { code: "FailedDependency", message: "" } } };
  const request = new Request(`${baseUrl}/${part.url.replace(/^\//, "")}`, {
    method: part.method,
    headers: { ...part.headers, authorization: c.req.header("authorization") ?? "" },
    ...(part.body === undefined ? {} : { body: JSON.stringify(part.body) }),
  });
  const response = await send(request, c.env);
  const text = await response.text();
  const headers = Object.fromEntries(response.headers);
  return { id: part.id, status: response.status, headers, ...(text === "" ? {} : { body: JSON.parse(text) as unknown }) }; // prettier-ignore
}
