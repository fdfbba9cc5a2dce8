import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { LocalServer } from "../http/server.ts";
import type { LocalService, StackSettings } from "../service.ts";
import { badRequest, errorBody, GraphError, wrapped } from "./errors.ts";
import type { Directory, GraphApp, GraphContext, GraphEnv } from "./graph-app.ts";
import { directoryControl } from "./graph-control.ts";
import { graphFaults } from "./graph-faults.ts";
import { writeQuota } from "./graph-quota.ts";
import { Pages } from "./list-pages.ts";
import { mountAccessPolicies } from "./operations-access.ts";
import { mountAudits } from "./operations-audits.ts";
import { mountBatch } from "./operations-batch.ts";
import { mountAccessReviews } from "./operations-access-reviews.ts";
import { mountLicences } from "./operations-licences.ts";
import { mountMail } from "./operations-mail.ts";
import { mountApplications, mountGroups, mountUsers } from "./operations-people.ts";
import { mountScheduleRequests } from "./operations-requests.ts";
import { mountRoles, mountRuleChanges, mountScheduleReads } from "./operations-roles.ts";
import type { DirectoryState } from "./state.ts";
import { letTimePass } from "./time-passes.ts";
import type { Caller } from "./tokens.ts";

/** What the directory needs from its neighbours. */
export interface DirectoryNeighbours {
  /** Reads an `Authorization` header; `undefined`: no token that this directory takes. */
  readonly authenticate: (authorizationHeader: string | undefined) => Caller | undefined;
  /** Takes a mail that somebody sent with `sendMail`. */
  readonly deliver: Directory["deliver"];
}

/** Microsoft Graph v1.0 of the tenant, as far as README.md says. Closes the state when it stops. */
export function createDirectory(
  settings: StackSettings,
  state: DirectoryState,
  neighbours: DirectoryNeighbours,
): LocalService {
  const server = new LocalServer(settings.addresses.graph);
  const baseUrl = `${settings.addresses.graph}/v1.0`;
  const secretHint = settings.secrets.signInClientSecret.slice(0, 3);
  const redirectUri = `${settings.addresses.app}/api/sign-in/callback`;
  const directory = { state, pages: new Pages(), baseUrl, secretHint, redirectUri, deliver: neighbours.deliver };
  server.app.route(
    "/v1.0",
    graphApp(directory, neighbours, (request, env) => server.app.fetch(request, env)),
  );
  return {
    name: "graph",
    control: {
      ...server.control,
      ...directoryControl(state),
      faults: graphFaults((rule) => server.control["faults"]?.(rule)),
    },
    start: () => server.start(),
    stop: async () => {
      await server.stop();
      state.close();
    },
  };
}

function graphApp(
  directory: Directory,
  { authenticate }: DirectoryNeighbours,
  send: Parameters<typeof mountBatch>[2],
): GraphApp {
  const graph = new Hono<GraphEnv>();
  graph.onError((error, c) => answerError(c, directory.state, error));
  graph.use(async (c, next) => {
    const requestId = randomUUID();
    c.set("requestId", requestId);
    c.set("clientRequestId", c.req.header("client-request-id") ?? requestId);
    const caller = authenticate(c.req.header("authorization"));
    if (!caller) throw new GraphError(401, "InvalidAuthenticationToken", "Access token is empty, expired or not valid here."); // prettier-ignore
    c.set("caller", caller);
    letTimePass(directory.state, Date.now());
    await next();
    setHeaders(c, directory.state);
  });
  graph.use(writeQuota(directory.state));
  mountUsers(graph, directory);
  mountGroups(graph, directory);
  mountApplications(graph, directory);
  mountRoles(graph, directory);
  mountRuleChanges(graph, directory);
  for (const kind of ["assignment", "eligibility"] as const) {
    mountScheduleReads(graph, directory, kind);
    mountScheduleRequests(graph, directory, kind);
  }
  mountAudits(graph, directory);
  mountAccessPolicies(graph, directory);
  mountAccessReviews(graph, directory);
  mountLicences(graph, directory);
  mountMail(graph, directory);
  mountBatch(graph, directory, send);
  graph.all("*", (c) => {
    throw badRequest(`Resource not found for the segment '${c.req.path}'.`);
  });
  return graph;
}

/** `Date` is the virtual clock's: Node would write the real one. */
function setHeaders(c: GraphContext, { settings }: DirectoryState): void {
  c.header("date", new Date(Date.now() + settings.dateSkewMs).toUTCString());
  c.header("request-id", c.get("requestId"));
  c.header("client-request-id", c.get("clientRequestId"));
}

function answerError(c: GraphContext, state: DirectoryState, error: Error): Response {
  if (!(error instanceof GraphError)) console.error(error);
  const known =
    error instanceof GraphError ? error : new GraphError(500, "InternalServerError", "The simulator failed.");
  const shown = known.fromPim && c.req.method !== "GET" && state.settings.wrapErrors ? wrapped(known) : known;
  setHeaders(c, state);
  const body = errorBody(shown, c.get("requestId"), c.get("clientRequestId"));
  return new Response(JSON.stringify(body), {
    status: known.status,
    headers: { "content-type": "application/json", ...Object.fromEntries(c.res.headers) },
  });
}
