import { describe, expect, it } from "vitest";
import { ACCOUNTS, adminId, dailyId, GROUPS } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createMailNotifier } from "../../shared/adapters/graph/mail-notifier.ts";
import { createRoleDirectory } from "../../shared/adapters/graph/role-directory.ts";
import type { Assignment } from "../../shared/domain/directory.ts";
import { parseDirectoryScopeId, parsePrincipalId, parseRoleDefinitionId } from "../../shared/domain/ids.ts";
import { instant } from "../../shared/domain/time.ts";
import type { RoleDirectory } from "../../shared/ports/role-directory.ts";
import { answering, type Answer } from "../support/answering-server.ts";
import { HOUR_MS, MINUTE_MS, now, pass, role, tenantOfItsOwn } from "../support/graph-requests.ts";

const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("not an id");
  return value;
};
const account = (id: string) => known(parsePrincipalId(id));
const TENANT = known(parseDirectoryScopeId("/"));
const tripleOf = (principal: string, name: Parameters<typeof role>[0]): Assignment => ({
  principalId: account(principal),
  roleDefinitionId: known(parseRoleDefinitionId(role(name))),
  directoryScopeId: TENANT,
});
const ADA = tripleOf(adminId(1), "userAdministrator");
const CORRELATION = "c0de0000-0000-4000-8000-000000000001";
const grant = () => ({
  durationMs: 2 * HOUR_MS,
  justification: "Zero Standing 1f: CHG0030192",
  ticketNumber: "CHG0030192",
  ticketSystem: "ServiceNow",
  startsAt: instant(now()),
  correlationId: CORRELATION,
});
const removal = { justification: "Zero Standing 1f: ended", correlationId: CORRELATION };

const graphAt = (url: string, token = "worker") =>
  createGraph(url, {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
  });

describe("the role directory over Graph", () => {
  const tenant = tenantOfItsOwn();
  const graph = () => graphAt(tenant().url);
  const directory = (): RoleDirectory => createRoleDirectory(graph());
  interface Seen {
    readonly method: string;
    readonly path: string;
    readonly requestHeaders: Readonly<Record<string, string>>;
  }
  const exchanges = (): readonly Seen[] => tenant().control("exchanges") as readonly Seen[];
  const posts = () => exchanges().filter(({ method }) => method === "POST");

  it("reads every eligibility of an account over small and empty pages", async () => {
    const all = await directory().eligibilities(account(adminId(2)));
    tenant().control("settings", { pageSize: 2, emptyPages: true });
    const paged = await directory().eligibilities(account(adminId(2)));
    tenant().control("settings", { pageSize: 100, emptyPages: false });
    expect(paged).toEqual(all);
    expect(all).toHaveLength(5);
    expect(all[0]).toMatchObject({ principalId: adminId(2), memberType: "Direct", endsAt: undefined });
    expect(exchanges().filter(({ path }) => path.includes("skiptoken")).length).toBeGreaterThan(2);
  });

  it("assigns for a time, finds row and request again, and removes after five minutes", async () => {
    const assigned = await directory().assign(ADA, grant());
    expect(assigned).toMatchObject({ kind: "accepted", status: "Provisioned", correlationId: CORRELATION });
    expect(posts().map(({ requestHeaders }) => requestHeaders["client-request-id"])).toEqual([CORRELATION]);
    const [row, ...others] = await directory().activeAssignments(ADA);
    expect(others).toEqual([]);
    expect(row).toMatchObject({ ...ADA, assignmentType: "Assigned", endsAt: instant(now() + 2 * HOUR_MS) });
    const [request] = await directory().assignmentRequests(ADA);
    expect(request).toMatchObject({ action: "adminAssign", justification: grant().justification });
    expect(request?.targetScheduleId).toBe(row?.scheduleId);
    expect(await directory().remove(ADA, removal)).toMatchObject({ kind: "refused", code: "ActiveDurationTooShort" });
    pass(6 * MINUTE_MS);
    expect(await directory().remove(ADA, removal)).toMatchObject({ kind: "accepted", status: "Revoked" });
    expect(await directory().activeAssignments(ADA)).toEqual([]);
    expect((await directory().assignmentRequests(ADA)).map(({ action }) => action)).toEqual([
      "adminRemove",
      "adminAssign",
    ]);
  });

  it("reads no row of another scope, role or account", async () => {
    const rows = await directory().activeAssignmentsOfRoles([ADA.roleDefinitionId]);
    expect(rows).toEqual([]);
    const standing = tripleOf(ACCOUNTS.breakGlass1, "globalAdministrator");
    const holders = await directory().activeAssignmentsOfRoles([standing.roleDefinitionId, ADA.roleDefinitionId]);
    expect(holders.map(({ principalId }) => principalId).toSorted()).toEqual(
      [ACCOUNTS.breakGlass1, ACCOUNTS.breakGlass2, adminId(12)].toSorted(),
    );
    expect(await directory().activeAssignments(standing)).toMatchObject([{ ...standing, endsAt: undefined }]);
    expect(await directory().activeAssignments({ ...standing, principalId: account(adminId(1)) })).toEqual([]);
  });

  it.each([false, true])("answers PIM's own code of a refusal, hidden in another error or not (%s)", async (hidden) => {
    const triple = tripleOf(adminId(7), "helpdeskAdministrator");
    tenant().control("settings", { wrapErrors: hidden });
    const nothing = await directory().remove(triple, removal);
    tenant().control("addAssignment", { ...triple });
    const twice = await directory().assign(triple, grant());
    tenant().control("removeAssignment", { ...triple });
    tenant().control("settings", { wrapErrors: false });
    expect(nothing).toMatchObject({ kind: "refused", httpStatus: 400, code: "RoleAssignmentDoesNotExist" });
    expect(twice).toMatchObject({ kind: "refused", httpStatus: 400, code: "RoleAssignmentExists" });
  });

  it.each(["Failed", "PendingApproval"])("takes 201 with the status %s for what it says", async (status) => {
    tenant().control("nextRequest", { status });
    const answer = await directory().assign(tripleOf(adminId(3), "securityAdministrator"), grant());
    expect(answer).toMatchObject({ kind: "accepted", status });
    expect(await directory().activeAssignments(tripleOf(adminId(3), "securityAdministrator"))).toEqual([]);
  });

  it("does not know what came of a write whose reply was lost, and sends it once", async () => {
    const triple = tripleOf(adminId(8), "exchangeAdministrator");
    tenant().control("faults", { method: "POST", path: "ScheduleRequests", fault: { kind: "lostReply" } });
    expect(await directory().assign(triple, grant())).toMatchObject({ kind: "unknown" });
    expect(await directory().activeAssignments(triple)).toHaveLength(1);
    expect(posts()).toHaveLength(1);
  });

  it.each([429, 503, 504])("never repeats a write, not even after %i", async (status) => {
    const triple = tripleOf(adminId(6), "securityReader");
    const fault = { kind: "statusAfterEffect", status, headers: { "retry-after": "7" } };
    tenant().control("faults", { method: "POST", path: "ScheduleRequests", times: 5, fault });
    const answer = await directory().assign(triple, grant());
    expect(answer).toMatchObject({ kind: "refused", httpStatus: status, retryAfterMs: 7_000 });
    expect(posts()).toHaveLength(1);
    tenant().control("removeAssignment", { ...triple });
  });

  it("repeats a read after the time that Graph asks for", async () => {
    tenant().control("faults", { method: "GET", path: "/users/", fault: { kind: "status", status: 429 } });
    const begunAt = performance.now();
    expect(await directory().account(account(dailyId(1)))).toMatchObject({ enabled: true, userType: "Member" });
    expect(performance.now() - begunAt).toBeGreaterThan(950);
    expect(exchanges()).toHaveLength(2);
  });

  it.each([
    [429, "Throttled"],
    [503, "Unavailable"],
  ])("does not sleep through a long Retry-After of %i: it fails as %s and says how long", async (status, code) => {
    // Who sleeps for two minutes is ended by the time limit of the test.
    for (const retryAfter of ["120", new Date(Date.now() + 120_000).toUTCString()]) {
      const fault = { kind: "status", status, headers: { "retry-after": retryAfter } };
      tenant().control("faults", { method: "GET", path: "/users/", fault });
      const error: unknown = await directory()
        .account(account(dailyId(1)))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      const { retryAfterMs = 0 } = error as { readonly retryAfterMs?: number };
      expect(retryAfterMs).toBeGreaterThan(110_000);
    }
    expect(exchanges()).toHaveLength(2);
  });

  it("gives every call an id of its own that Graph's log can be asked for", async () => {
    await directory().account(account(dailyId(1)));
    await directory().account(account(dailyId(2)));
    const sent = exchanges().map(({ requestHeaders }) => requestHeaders["client-request-id"]);
    expect(new Set(sent).size).toBe(2);
    for (const id of sent) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("knows disabled accounts, guests, managers and who is not there", async () => {
    expect(await directory().account(account(ACCOUNTS.disabled))).toMatchObject({ enabled: false });
    expect(await directory().account(account(ACCOUNTS.guest))).toMatchObject({ userType: "Guest" });
    expect(await directory().account(account(GROUPS.onCall))).toBeUndefined();
    expect(await directory().manager(account(dailyId(1)))).toBe(dailyId(5));
    expect(await directory().manager(account(dailyId(9)))).toBeUndefined();
  });

  it("tells groups that nobody can slip into from those with nesting, owners or a rule", async () => {
    tenant().control("setGroup", { id: GROUPS.identityTeam, ownerIds: [dailyId(1)] });
    const group = (id: string) => directory().group(account(id));
    expect(await group(GROUPS.securityApprovers)).toEqual({
      id: GROUPS.securityApprovers,
      assignableToRole: true,
      dynamic: false,
      nested: false,
      owned: false,
      members: [dailyId(3), dailyId(4), ACCOUNTS.adaSecondAdmin],
    });
    expect(await group(GROUPS.identityTeam)).toMatchObject({ owned: true, assignableToRole: true });
    expect(await group(GROUPS.onCall)).toMatchObject({ nested: true, assignableToRole: false });
    expect((await group(GROUPS.onCall))?.members).not.toContain(GROUPS.helpdeskTier2);
    expect(await group(GROUPS.everyone)).toMatchObject({ dynamic: true });
    expect(await group(GROUPS.emptyApprovers)).toMatchObject({ members: [] });
    expect(await group(dailyId(1))).toBeUndefined();
  });

  it("says that our own rights are missing, and never that a read found nothing", async () => {
    const api = createRoleDirectory(graphAt(tenant().url, "api"));
    await expect(api.eligibilities(account(adminId(1)))).rejects.toMatchObject({ code: "Misconfigured" });
    expect(await api.assign(ADA, grant())).toMatchObject({ kind: "refused", httpStatus: 403 });
    const nobody = createRoleDirectory(graphAt(tenant().url, "nobody"));
    await expect(nobody.account(account(adminId(1)))).rejects.toMatchObject({ code: "Misconfigured" });
  });

  it("mails as HTML to those who are named, and keeps no copy", async () => {
    const notifier = createMailNotifier(graph(), ACCOUNTS.mailSender);
    const mail = { to: ["ada.byron@contoso.example"], subject: "Prove it", html: "<p>Hi</p>" };
    await notifier.mail(mail);
    expect(tenant().mails.at(-1)).toMatchObject({ subject: "Prove it", to: ["ada.byron@contoso.example"] });
    const forbidden = createMailNotifier(graphAt(tenant().url, "api"), ACCOUNTS.mailSender);
    await expect(forbidden.mail(mail)).rejects.toMatchObject({ code: "Misconfigured" });
    tenant().control("faults", { method: "POST", path: "sendMail", fault: { kind: "status", status: 429 } });
    await expect(notifier.mail(mail)).rejects.toMatchObject({ code: "Throttled", retryAfterMs: 1_000 });
    tenant().control("faults", { method: "POST", path: "sendMail", fault: { kind: "status", status: 503 } });
    await expect(notifier.mail(mail)).rejects.toMatchObject({ code: "Unavailable" });
    tenant().control("faults", { method: "POST", path: "sendMail", fault: { kind: "status", status: 400 } });
    await expect(notifier.mail(mail)).rejects.toMatchObject({ code: "Rejected" });
  });
});

describe("without a token", () => {
  const refusal = (status: number) =>
    Object.assign(new Error("managed identity"), {
      name: "CredentialUnavailableError",
      cause: Object.assign(new Error("refused"), { name: "ServerError", status }),
    });
  const networkError = Object.assign(new Error("managed identity"), {
    name: "CredentialUnavailableError",
    cause: Object.assign(new Error("network_error"), { errorCode: "network_error" }),
  });
  const noEndpoint = Object.assign(new Error("not available"), { name: "CredentialUnavailableError" });

  it.each<[string, string, Error | "none"]>([
    ["the identity is unknown", "Misconfigured", refusal(400)],
    ["its header is wrong", "Misconfigured", refusal(401)],
    ["there is no identity at all", "Misconfigured", noEndpoint],
    ["nothing is given", "Misconfigured", "none"],
    ["its endpoint is busy", "Unavailable", refusal(429)],
    ["its endpoint is broken", "Unavailable", refusal(500)],
    ["its endpoint does not answer", "Unavailable", networkError],
  ])("nothing is sent when %s: %s", async (_, code, failure) => {
    const server = await answering(() => ({ json: { value: [] } }));
    const graph = createGraph(server.url, {
      getToken: () => (failure === "none" ? Promise.resolve(null) : Promise.reject(failure)),
    });
    const directory = createRoleDirectory(graph);
    await expect(directory.account(ADA.principalId)).rejects.toMatchObject({ code });
    await expect(directory.group(account(GROUPS.onCall))).rejects.toMatchObject({ code });
    expect(await directory.assign(ADA, grant())).toMatchObject(
      code === "Misconfigured" ? { kind: "refused", httpStatus: 401, code: "NoToken" } : { kind: "unknown" },
    );
    const mail = { to: ["ada.byron@contoso.example"], subject: "Prove it", html: "" };
    await expect(createMailNotifier(graph, ACCOUNTS.mailSender).mail(mail)).rejects.toMatchObject({ code });
    expect(server.arrived).toEqual([]);
  });
});

describe("a Graph that is not to be trusted", () => {
  it.each([
    ["another origin", (elsewhere: string) => `${elsewhere}/v1.0/users`],
    ["another version of the API", (_: string, self: string) => `${self}/beta/users`],
    ["a name that only begins like the origin", (_: string, self: string) => `${self}.evil.example/v1.0/users`],
    [
      "another origin behind a user name",
      (elsewhere: string, self: string) => `${self}@${new URL(elsewhere).host}/v1.0/users`,
    ],
    ["no address at all", () => "users?$skiptoken=1"],
  ])("gets nobody to follow a page link to %s", async (_, linkOf) => {
    const elsewhere = await answering(() => ({ json: { value: [] } }));
    const server = await answering((__, self) => ({
      json: { value: [], "@odata.nextLink": linkOf(elsewhere.url, self) },
    }));
    const listed = createRoleDirectory(graphAt(server.url)).eligibilities(account(adminId(1)));
    await expect(listed).rejects.toMatchObject({ code: "Rejected" });
    expect([server.arrived.length, elsewhere.arrived.length]).toEqual([1, 0]);
  });

  it("is asked for the next page exactly as it named it", async () => {
    const query = "$filter=principalId%20eq%20%27x%27&$skiptoken=a%2Bb%3D%3D&%24top=2&plain";
    const server = await answering(({ path }, self) => ({
      json: { value: [], ...(path.includes("skip") ? {} : { "@odata.nextLink": `${self}/v1.0/next?${query}` }) },
    }));
    await createRoleDirectory(graphAt(server.url)).eligibilities(account(adminId(1)));
    const [path, asked = ""] = server.arrived[1]?.path.split("?") ?? [];
    expect(path).toBe("/v1.0/next");
    expect(asked.split("&").toSorted()).toEqual(query.split("&").toSorted());
  });

  it.each([301, 302, 307, 308])("cannot send a read or a write elsewhere with %i", async (status) => {
    const elsewhere = await answering(() => ({ json: { value: [] } }));
    const server = await answering(() => ({ status, headers: { location: `${elsewhere.url}/v1.0/x` } }));
    const directory = createRoleDirectory(graphAt(server.url));
    await expect(directory.account(ADA.principalId)).rejects.toMatchObject({ code: "Unavailable" });
    expect(await directory.assign(ADA, grant())).toMatchObject({ kind: "unknown" });
    expect(elsewhere.arrived).toEqual([]);
    expect(server.arrived.map(({ method }) => method)).toEqual(["GET", "POST"]);
  });

  it.each<[string, Answer]>([
    ["HTML", { text: "<html>" }],
    ["JSON of another form", { json: { value: "none" } }],
    ["rows without their ids", { json: { value: [{ principalId: adminId(1) }] } }],
  ])("makes no list out of %s", async (_, answer) => {
    const server = await answering(() => answer);
    const listed = createRoleDirectory(graphAt(server.url)).eligibilities(account(adminId(1)));
    await expect(listed).rejects.toMatchObject({ code: "Rejected" });
  });

  it.each<[string, Answer]>([
    ["nothing but 201", { status: 201, text: "" }],
    ["HTML with 201", { status: 201, text: "<html>" }],
    ["another object with 201", { status: 201, json: { id: 7 } }],
    ["a broken connection", "hangUp"],
  ])("has not granted a role when it answers %s", async (_, answer) => {
    const server = await answering(() => answer);
    const directory = createRoleDirectory(graphAt(server.url));
    expect(await directory.assign(ADA, grant())).toMatchObject({ kind: "unknown" });
    expect(await directory.remove(ADA, removal)).toMatchObject({ kind: "unknown" });
    expect(server.arrived).toHaveLength(2);
  });

  it.each([
    [500, "Unavailable", 1],
    [503, "Unavailable", 3],
    [429, "Throttled", 3],
    [400, "Rejected", 1],
  ])("fails a read with %i as %s after %i calls", async (status, code, calls) => {
    const error = { code: "SomeError", message: "for the log of Graph" };
    const server = await answering(() => ({ status, headers: { "retry-after": "0" }, json: { error } }));
    const read = createRoleDirectory(graphAt(server.url)).account(ADA.principalId);
    await expect(read).rejects.toMatchObject({
      code,
      message: `[${code}] Graph GET /users/${adminId(1)}: ${status} SomeError`,
    });
    expect(server.arrived).toHaveLength(calls);
  });
});
