import type { Context } from "hono";
import type { LocalApp } from "../../http/server.ts";
import { columnAt, TABLES } from "./columns.ts";
import { runQuery } from "./encoded-query.ts";
import type { Habits } from "./habits.ts";
import type { Instance } from "./instance.ts";
import type { ViewOptions } from "./record-view.ts";
import type { SnowRecord } from "./records.ts";
import { INTEGRATION_USER } from "./tokens.ts";

const HTML_PAGE = "<!DOCTYPE html><html><head><title>Instance Hibernating</title></head><body>Sign in</body></html>";
const MAXIMUM_ROWS = 10_000;
const HOUR_MS = 3_600_000;

/** Mounts the token route and the Table API, versions 1 and 2. */
export function mountTableApi(app: LocalApp, instance: Instance): void {
  app.use("/oauth_token.do", async (_, next) => outage(instance.habits) ?? (await next()));
  app.use("/api/*", async (c, next) => {
    const habits = instance.habits;
    const refused = outage(habits) ?? (habits.rateLimited ? tooMany() : undefined);
    if (refused) return refused;
    if (!instance.tokens.isValid(c.req.header("authorization")))
      return failure(401, "User Not Authenticated", "Required to provide Auth information");
    await next();
    return undefined;
  });
  app.post("/oauth_token.do", (c) => instance.tokens.answer(c));

  for (const base of ["/api/now/table", "/api/now/v2/table"]) {
    app.get(`${base}/:table`, (c) => list(c, c.req.param("table"), instance));
    app.get(`${base}/:table/:sysId`, (c) => read(c, c.req.param("table"), c.req.param("sysId"), instance));
    app.patch(`${base}/:table/:sysId`, (c) => patch(c, c.req.param("table"), c.req.param("sysId"), instance));
  }
}

function outage(habits: Habits): Response | undefined {
  if (habits.hibernating) return new Response(HTML_PAGE, { headers: { "content-type": "text/html;charset=UTF-8" } });
  return habits.unavailable ? new Response("Service Unavailable", { status: 503 }) : undefined;
}

function tooMany(): Response {
  const resetAt = Math.ceil(Date.now() / HOUR_MS) * (HOUR_MS / 1_000);
  return failure(429, "Rate limit exceeded", "Too many requests in this hour", {
    "x-ratelimit-limit": "500",
    "x-ratelimit-reset": String(resetAt),
    "x-ratelimit-rule": "Table API per user",
    "retry-after": String(Math.max(1, resetAt - Math.floor(Date.now() / 1_000))),
  });
}

const failure = (
  status: 400 | 401 | 404 | 429,
  message: string,
  detail: string | null,
  headers: Readonly<Record<string, string>> = {},
): Response => Response.json({ error: { message, detail }, status: "failure" }, { status, headers: { ...headers } });

const invalidTable = (table: string): Response => failure(400, `Invalid table ${table}`, null);

/** One answer for what does not exist and for what an ACL hides. */
const noRecord = (): Response =>
  failure(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval");

function viewOptions(c: Context): ViewOptions {
  const display = c.req.query("sysparm_display_value");
  return {
    displayValue: display === "true" || display === "all" ? display : "false",
    excludeReferenceLink: c.req.query("sysparm_exclude_reference_link") === "true",
    fields: c.req
      .query("sysparm_fields")
      ?.split(",")
      .map((name) => name.trim()),
  };
}

const isHidden = (record: SnowRecord, habits: Habits): boolean =>
  habits.hiddenRows.includes(record.fields["number"] ?? record.sysId);

function list(c: Context, table: string, instance: Instance): Response {
  if (!Object.hasOwn(TABLES, table)) return invalidTable(table);
  const habits = instance.habits;
  const rows = runQuery(c.req.query("sysparm_query") ?? "", instance.records.all(table), {
    table,
    valueAt: (record, path) => instance.view.valueAt(record, path),
    invalidReturnsNoRows: habits.invalidQueryReturnsNoRows,
  }).filter((record) => !isHidden(record, habits));
  const limit = count(c.req.query("sysparm_limit"), MAXIMUM_ROWS);
  const offset = count(c.req.query("sysparm_offset"), 0);
  c.header("x-total-count", String(rows.length));
  c.header("link", pageLinks(c.req.url, rows.length, limit, offset));
  const options = viewOptions(c);
  return c.json({ result: rows.slice(offset, offset + limit).map((record) => instance.view.write(record, options)) });
}

const count = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : otherwise;

function pageLinks(requested: string, total: number, limit: number, offset: number): string {
  const link = (at: number, name: string): string => {
    const url = new URL(requested);
    url.searchParams.set("sysparm_limit", String(limit));
    url.searchParams.set("sysparm_offset", String(at));
    return `<${url.href}>;rel="${name}"`;
  };
  const last = limit === 0 ? 0 : Math.max(0, Math.ceil(total / limit) - 1) * limit;
  return [
    link(0, "first"),
    ...(offset > 0 ? [link(Math.max(0, offset - limit), "prev")] : []),
    ...(offset + limit < total ? [link(offset + limit, "next")] : []),
    link(last, "last"),
  ].join(",");
}

/** The record, or the answer in its place. */
function visible(table: string, sysId: string, instance: Instance): SnowRecord | Response {
  if (!Object.hasOwn(TABLES, table)) return invalidTable(table);
  const record = instance.records.bySysId(sysId);
  return record?.table === table && !isHidden(record, instance.habits) ? record : noRecord();
}

function read(c: Context, table: string, sysId: string, instance: Instance): Response {
  const found = visible(table, sysId, instance);
  return found instanceof Response ? found : c.json({ result: instance.view.write(found, viewOptions(c)) });
}

async function patch(c: Context, table: string, sysId: string, instance: Instance): Promise<Response> {
  const found = visible(table, sysId, instance);
  if (found instanceof Response) return found;
  const body = await c.req.json<unknown>().catch(() => undefined);
  if (typeof body !== "object" || body === null)
    return failure(400, "Exception while reading request", "The payload is not valid JSON");
  const journals = Object.entries(body).filter(([name]) => columnAt(table, name)?.kind === "journal");
  const written = Object.fromEntries(journals.map(([name, value]) => [name, String(value)]));
  const { record } = instance.records.update(found, written, INTEGRATION_USER);
  if (journals.length > 0 && instance.habits.webhookOnNotes) void instance.tell(record, "update");
  return c.json({ result: instance.view.write(record, viewOptions(c)) });
}
