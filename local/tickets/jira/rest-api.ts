import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { z } from "zod";
import type { LocalApp } from "../../http/server.ts";
import { HIDDEN_PROJECTS, OWN_ACCOUNT_ID, OWN_USER, PROJECTS, userJson } from "./catalog.ts";
import { AtlassianDocument } from "./documents.ts";
import type { Habits } from "./habits.ts";
import { approvalsJson, commentJson, fieldNames, issueJson, type Json } from "./issue-json.ts";
import type { Issue } from "./issues.ts";
import type { Site } from "./site.ts";

const HTML_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body>Log in to continue</body></html>";

const NewComment = z.looseObject({
  body: AtlassianDocument,
  properties: z.array(z.object({ key: z.string(), value: z.unknown() })).default([]),
});

/** Mounts the routes of REST version 3 and of the service desk that the app calls. */
export function mountRestApi(app: LocalApp, site: Site): void {
  app.use("/rest/*", async (c, next) => {
    const refused = outage(site.habits);
    if (refused) return refused;
    await next();
    if (!isSignedIn(c.req.header("authorization"), site)) c.header("x-seraph-loginreason", "AUTHENTICATED_FAILED");
    return undefined;
  });

  app.get("/rest/api/3/myself", (c) =>
    isSignedIn(c.req.header("authorization"), site)
      ? c.json(userJson(OWN_ACCOUNT_ID))
      : failure(401, "Client must be authenticated to access this resource."),
  );
  app.get("/rest/api/3/issue/:key", (c) => {
    const issue = visible(c, site, c.req.param("key"));
    return issue ? c.json(withNames(c, issueJson(issue, site.address, c.req.query("fields")))) : notFound();
  });
  app.get("/rest/api/3/issue/:key/comment", (c) => {
    const issue = visible(c, site, c.req.param("key"));
    return issue ? c.json(commentsPage(c, site, issue)) : notFound();
  });
  app.post("/rest/api/3/issue/:key/comment", (c) => addComment(c, site, c.req.param("key")));
  app.get("/rest/servicedeskapi/request/:key/approval", (c) => {
    const issue = visible(c, site, c.req.param("key"));
    return issue && PROJECTS[issue.project]?.serviceDesk ? c.json(approvalsJson(issue)) : notFound();
  });
}

function outage(habits: Habits): Response | undefined {
  if (habits.html) return new Response(HTML_PAGE, { headers: { "content-type": "text/html;charset=UTF-8" } });
  if (habits.unavailable) return failure(503, "The service is unavailable", { "retry-after": "30" });
  if (habits.captcha)
    return failure(403, "CAPTCHA", {
      "x-seraph-loginreason": "AUTHENTICATION_DENIED",
      "x-authentication-denied-reason": "CAPTCHA_CHALLENGE",
    });
  if (!habits.rateLimited) return undefined;
  return failure(429, "Rate limit exceeded", {
    "retry-after": "20",
    "x-ratelimit-limit": "100",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": new Date(Date.now() + 20_000).toISOString(),
    "ratelimit-reason": "jira-burst-based",
  });
}

const failure = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json({ errorMessages: [message], errors: {} }, { status, headers: { ...headers } });

/** One answer for what does not exist, what we may not see, and for a caller who is nobody. */
const notFound = (): Response => failure(404, "Issue does not exist or you do not have permission to see it.");

function isSignedIn(authorization: string | undefined, site: Site): boolean {
  const [, encoded = ""] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  const given = Buffer.from(encoded, "base64");
  const expected = Buffer.from(`${OWN_USER}:${site.apiToken}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Anonymous callers see nothing on this site, so wrong credentials look like a missing issue. */
function visible(c: Context, site: Site, key: string): Issue | undefined {
  const issue = isSignedIn(c.req.header("authorization"), site) ? site.issues.byKey(key) : undefined;
  const hidden = [...HIDDEN_PROJECTS, ...site.habits.hidden];
  return issue && !hidden.includes(issue.key) && !hidden.includes(issue.project) ? issue : undefined;
}

const withNames = (c: Context, issue: Json): Json =>
  (c.req.query("expand") ?? "").split(",").includes("names")
    ? { ...issue, names: fieldNames(issue["fields"] as Json) }
    : issue;

function commentsPage(c: Context, site: Site, issue: Issue): Json {
  const all = site.issues.comments(issue);
  const ordered = c.req.query("orderBy") === "-created" ? all.toReversed() : all;
  const startAt = Number(c.req.query("startAt") ?? "0");
  const maxResults = Math.min(Number(c.req.query("maxResults") ?? "50"), 100);
  const withProperties = c.req.query("expand") === "properties";
  return {
    startAt,
    maxResults,
    total: all.length,
    comments: ordered
      .slice(startAt, startAt + maxResults)
      .map((comment) => commentJson(comment, issue, site.address, withProperties)),
  };
}

async function addComment(c: Context, site: Site, key: string): Promise<Response> {
  const issue = visible(c, site, key);
  if (!issue) return notFound();
  const parsed = NewComment.safeParse(await c.req.json<unknown>().catch(() => undefined));
  if (!parsed.success)
    return Response.json({ errorMessages: [], errors: { comment: "Comment body is not valid!" } }, { status: 400 });
  const comment = site.issues.addComment(issue, parsed.data.body, OWN_ACCOUNT_ID, parsed.data.properties);
  site.tellOfComment(issue, OWN_ACCOUNT_ID);
  return c.json(commentJson(comment, issue, site.address, false), 201);
}
