import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { ACCOUNTS, ADMINISTRATIVE_UNIT, adminId, APPS, dailyId, GROUPS, ROLES } from "../../local/seed.ts";
import { startLocalDirectory, type GraphAnswer, type LocalDirectory } from "../support/local-directory.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ASSIGNMENTS = "/roleManagement/directory/roleAssignmentSchedule";
const ELIGIBILITIES = "/roleManagement/directory/roleEligibilitySchedule";
const REQUESTS = `${ASSIGNMENTS}Requests`;

let directory: LocalDirectory;
let nowMs = Date.parse("2026-03-02T09:00:00.000Z");

/** Moves the clock of the directory; it stands still otherwise. */
const pass = (ms: number): void => {
  nowMs += ms;
  setClock({ mode: "manual", nowMs });
};

beforeAll(() => pass(0));
afterAll(() => setClock({ mode: "real", offsetMs: 0 }));

/** A tenant of its own for each group of tests, whose whole traffic must fit the contract. */
const inTenant = (): void => {
  beforeAll(async () => {
    directory = await startLocalDirectory();
  });
  afterAll(() => directory.stop());
  afterEach(() => {
    directory.control("clearFaults");
    expect(directory.contractProblems()).toEqual([]);
    directory.control("clearExchanges");
  });
};

const role = (name: keyof typeof ROLES): string => ROLES[name][0];
const values = (answer: GraphAnswer): readonly Record<string, unknown>[] =>
  answer.body["value"] as readonly Record<string, unknown>[];
const codeOf = (answer: GraphAnswer): unknown => (answer.body["error"] as { readonly code: string }).code;
const messageOf = (answer: GraphAnswer): string => (answer.body["error"] as { readonly message: string }).message;
const ids = (answer: GraphAnswer): unknown[] => values(answer).map(({ id }) => id);

/** The request that our app sends, with what a test changes of it. */
const order = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  action: "adminAssign",
  principalId: adminId(1),
  roleDefinitionId: role("userAdministrator"),
  directoryScopeId: "/",
  justification: "CHG0030192: rotate a key",
  ticketInfo: { ticketNumber: "CHG0030192", ticketSystem: "ServiceNow" },
  scheduleInfo: {
    startDateTime: new Date(nowMs - 3_000).toISOString(),
    expiration: { type: "afterDuration", duration: "PT2H" },
  },
  ...changes,
});
const lasting = (duration: string): object => ({ expiration: { type: "afterDuration", duration } });
const removal = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...order({ action: "adminRemove", ...changes }),
  scheduleInfo: undefined,
});
const tripleFilter = (request: Readonly<Record<string, unknown>>): string =>
  `principalId eq '${String(request["principalId"])}' and roleDefinitionId eq '${String(request["roleDefinitionId"])}' and directoryScopeId eq '${String(request["directoryScopeId"])}'`;
const instancesOf = async (request: Readonly<Record<string, unknown>>, kind = ASSIGNMENTS): Promise<GraphAnswer> =>
  directory.get(`${kind}Instances?$filter=${encodeURIComponent(tripleFilter(request))}`);

describe("the doors of the directory", () => {
  inTenant();

  it("refuses a caller without a valid token", async () => {
    const answer = await directory.get("/users", "nobody");
    expect([answer.status, codeOf(answer)]).toEqual([401, "InvalidAuthenticationToken"]);
  });

  it("refuses an app that lacks the least permission of a call", async () => {
    const reading = await directory.get("/users", "sweeper");
    expect([reading.status, codeOf(reading)]).toEqual([403, "Authorization_RequestDenied"]);
    const granting = await directory.post(REQUESTS, order(), "signIn");
    expect([granting.status, codeOf(granting)]).toEqual([403, "PermissionScopeNotGranted"]);
    const eligibility = await directory.post(`${ELIGIBILITIES}Requests`, order(), "worker");
    expect([eligibility.status, codeOf(eligibility)]).toEqual([403, "PermissionScopeNotGranted"]);
  });

  it("lets an app with the removal permission remove and nothing else", async () => {
    const refused = await directory.post(REQUESTS, order(), "sweeper");
    expect([refused.status, codeOf(refused)]).toEqual([403, "PermissionScopeNotGranted"]);
    const allowed = await directory.post(REQUESTS, removal(), "sweeper");
    expect(codeOf(allowed)).toBe("RoleAssignmentDoesNotExist");
  });

  it("says the time of its own clock and repeats the client's request id", async () => {
    const answer = await directory.post(REQUESTS, removal());
    expect(answer.headers.get("date")).toBe(new Date(nowMs).toUTCString());
    expect(answer.headers.get("client-request-id")).toBe("7");
    expect(answer.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("words an injected 429 as Graph does and says when to come back", async () => {
    directory.control("faults", { fault: { kind: "status", status: 429 } });
    const answer = await directory.get("/users");
    expect([answer.status, codeOf(answer), answer.headers.get("retry-after")]).toEqual([429, "TooManyRequests", "1"]);
    directory.control("faults", { fault: { kind: "status", status: 429, headers: {} } });
    expect((await directory.get("/users")).headers.get("retry-after")).toBeNull();
  });

  it("refuses what it does not know", async () => {
    expect((await directory.get("/me/messages")).status).toBe(400);
  });
});

describe("people and groups", () => {
  inTenant();

  it("answers a user with the default properties unless others are selected", async () => {
    const plain = await directory.get(`/users/${dailyId(1)}`);
    expect(plain.body).toMatchObject({ displayName: "Ada Byron", mail: "ada.byron@contoso.example" });
    expect(plain.body).not.toHaveProperty("accountEnabled");
    const selected = await directory.get(`/users/${ACCOUNTS.disabled}?$select=id,accountEnabled,userType`);
    expect(selected.body).toMatchObject({ id: ACCOUNTS.disabled, accountEnabled: false, userType: "Member" });
  });

  it("finds a user by name, and nobody by an unknown id", async () => {
    expect((await directory.get("/users/ben.okafor@contoso.example")).body["id"]).toBe(dailyId(2));
    const missing = await directory.get(`/users/${GROUPS.onCall}`);
    expect([missing.status, codeOf(missing)]).toEqual([404, "Request_ResourceNotFound"]);
  });

  it("filters users and follows pages to the end", async () => {
    directory.control("settings", { pageSize: 7, emptyPages: true });
    const found: unknown[] = [];
    let next: unknown = `/users?$filter=${encodeURIComponent("accountEnabled eq true")}&$select=id&$top=5`;
    let empty = 0;
    while (typeof next === "string") {
      const page = await directory.get(next);
      found.push(...ids(page));
      empty += values(page).length === 0 ? 1 : 0;
      next = page.body["@odata.nextLink"];
    }
    directory.control("settings", { pageSize: 100, emptyPages: false });
    const all = await directory.get("/users?$select=id,accountEnabled");
    const enabled = values(all).filter((user) => user["accountEnabled"] === true);
    expect(found).toEqual(enabled.map(({ id }) => id));
    expect(empty).toBeGreaterThan(0);
  });

  it("asks for the eventual consistency level where a query is an advanced one", async () => {
    const path = `/users?$filter=${encodeURIComponent("userType ne 'Member'")}&$count=true`;
    expect(codeOf(await directory.get(path))).toBe("Request_UnsupportedQuery");
    const answer = await directory.get(path, "all", { ConsistencyLevel: "eventual" });
    expect([answer.body["@odata.count"], ids(answer)]).toEqual([1, [ACCOUNTS.guest]]);
  });

  it("refuses an unknown property, filter and option", async () => {
    expect((await directory.get("/users?$select=shoeSize")).status).toBe(400);
    expect((await directory.get("/users?$filter=shoeSize%20eq%2042")).status).toBe(400);
    expect((await directory.get("/users?$filter=id%20eq")).status).toBe(400);
    expect((await directory.get("/users?$top=1000")).status).toBe(400);
  });

  it("answers a manager, or 404 for who has none", async () => {
    const manager = await directory.get(`/users/${dailyId(1)}/manager?$select=id`);
    expect(manager.body).toMatchObject({ "@odata.type": "#microsoft.graph.user", id: dailyId(5) });
    expect((await directory.get(`/users/${dailyId(9)}/manager`)).status).toBe(404);
    directory.control("setManager", { id: dailyId(1), managerId: dailyId(9) });
    expect((await directory.get(`/users/${dailyId(1)}?$expand=manager($select=id)`)).body["manager"]).toMatchObject({
      id: dailyId(9),
    });
  });

  it("tells direct members from nested ones and says of each what it is", async () => {
    const direct = await directory.get(`/groups/${GROUPS.onCall}/members?$select=id`);
    expect(ids(direct)).toEqual([dailyId(2), dailyId(12), GROUPS.helpdeskTier2]);
    expect(values(direct)[2]?.["@odata.type"]).toBe("#microsoft.graph.group");
    const all = await directory.get(`/groups/${GROUPS.onCall}/transitiveMembers?$select=id`);
    expect(ids(all)).toEqual([dailyId(2), dailyId(12), GROUPS.helpdeskTier2, dailyId(7), dailyId(11)]);
    const groups = await directory.get(`/users/${dailyId(11)}/transitiveMemberOf?$select=id`);
    expect(ids(groups)).toEqual([GROUPS.onCall, GROUPS.helpdeskTier2, GROUPS.everyone]);
  });

  it("shows what makes a group fit for approvers", async () => {
    const everyone = await directory.get(`/groups/${GROUPS.everyone}`);
    expect(everyone.body).toMatchObject({ isAssignableToRole: false, groupTypes: ["DynamicMembership"] });
    const dynamic = encodeURIComponent("groupTypes/any(t:t eq 'DynamicMembership') or isAssignableToRole eq true");
    expect(ids(await directory.get(`/groups?$filter=${dynamic}`))).toHaveLength(5);
    expect(ids(await directory.get(`/groups/${GROUPS.identityTeam}/owners`))).toEqual([]);
    directory.control("setGroup", { id: GROUPS.identityTeam, ownerIds: [dailyId(40)] });
    expect(ids(await directory.get(`/groups/${GROUPS.identityTeam}/owners`))).toEqual([dailyId(40)]);
  });

  it("shows changes that the control API makes", async () => {
    directory.control("addMember", { groupId: GROUPS.emptyApprovers, memberId: dailyId(6) });
    expect(ids(await directory.get(`/groups/${GROUPS.emptyApprovers}/members`))).toEqual([dailyId(6)]);
    directory.control("removeMember", { groupId: GROUPS.emptyApprovers, memberId: dailyId(6) });
    expect(ids(await directory.get(`/groups/${GROUPS.emptyApprovers}/members`))).toEqual([]);
    directory.control("setUser", { id: dailyId(6), accountEnabled: false });
    expect((await directory.get(`/users/${dailyId(6)}?$select=accountEnabled`)).body["accountEnabled"]).toBe(false);
    expect(() => directory.control("setUser", { id: dailyId(6), acountEnabled: true })).toThrow("acountEnabled");
  });

  it("answers any object by its id", async () => {
    expect((await directory.get(`/directoryObjects/${APPS.worker.objectId}`)).body).toMatchObject({
      "@odata.type": "#microsoft.graph.servicePrincipal",
      appId: APPS.worker.clientId,
    });
    expect((await directory.get(`/directoryObjects/${ADMINISTRATIVE_UNIT}`)).status).toBe(200);
    expect((await directory.get(`/servicePrincipals/${APPS.worker.objectId}`)).status).toBe(200);
  });

  it("ends the sign-in sessions of a user", async () => {
    pass(MINUTE_MS);
    const answer = await directory.post(`/users/${dailyId(1)}/revokeSignInSessions`);
    expect(answer.body["value"]).toBe(true);
    const user = await directory.get(`/users/${dailyId(1)}?$select=signInSessionsValidFromDateTime`);
    expect(user.body["signInSessionsValidFromDateTime"]).toBe(new Date(nowMs).toISOString());
  });

  it("hands a mail to the mailbox and answers 202 without a body", async () => {
    const message = {
      subject: "Approve?",
      body: { contentType: "html", content: "<p>yes</p>" },
      toRecipients: [{ emailAddress: { address: "cora.lindt@contoso.example" } }],
    };
    const answer = await directory.post(`/users/${ACCOUNTS.mailSender}/sendMail`, { message, saveToSentItems: false });
    expect([answer.status, answer.body]).toEqual([202, {}]);
    expect(directory.mails).toMatchObject([
      { from: "zero-standing@contoso.example", to: ["cora.lindt@contoso.example"], contentType: "html" },
    ]);
    const none = await directory.post(`/users/${adminId(1)}/sendMail`, { message });
    expect([none.status, codeOf(none)]).toEqual([404, "MailboxNotEnabledForRESTAPI"]);
    const nowhere = { message: { ...message, toRecipients: [] } };
    expect(codeOf(await directory.post(`/users/${ACCOUNTS.mailSender}/sendMail`, nowhere))).toBe(
      "ErrorInvalidRecipients",
    );
  });
});

describe("reading roles", () => {
  inTenant();

  it("lists role definitions; their names compare with case", async () => {
    const found = async (name: string): Promise<unknown[]> =>
      ids(await directory.get(`/roleManagement/directory/roleDefinitions?$filter=displayName%20eq%20'${name}'`));
    expect(await found("Global Administrator")).toEqual([role("globalAdministrator")]);
    expect(await found("global administrator")).toEqual([]);
    const one = await directory.get(`/roleManagement/directory/roleDefinitions/${role("globalReader")}`);
    expect(one.body["displayName"]).toBe("Global Reader");
  });

  it("shows what stands, with principal and role expanded", async () => {
    const filter = encodeURIComponent("assignmentType eq 'Assigned' and isof(principal,'microsoft.graph.user')");
    const answer = await directory.get(
      `${ASSIGNMENTS}Instances?$filter=${filter}&$expand=principal($select=id),roleDefinition`,
    );
    expect(values(answer)[0]).toMatchObject({
      principalId: ACCOUNTS.breakGlass1,
      endDateTime: null,
      principal: { "@odata.type": "#microsoft.graph.user", id: ACCOUNTS.breakGlass1 },
      roleDefinition: { displayName: "Global Administrator" },
    });
    const instance = await directory.get(`${ASSIGNMENTS}Instances/${String(values(answer)[0]?.["id"])}`);
    expect(instance.body["roleAssignmentScheduleId"]).toBe(values(answer)[0]?.["roleAssignmentScheduleId"]);
    const deep = await directory.get(`${ASSIGNMENTS}Instances?$expand=principal($select=displayName)`);
    expect(deep.status).toBe(400);
  });

  it("shows the same rows as plain role assignments, one expansion at most", async () => {
    const rows = "/roleManagement/directory/roleAssignments";
    const filter = encodeURIComponent(`roleDefinitionId eq '${role("globalAdministrator")}'`);
    expect(values(await directory.get(`${rows}?$filter=${filter}&$expand=principal`))).toHaveLength(3);
    expect((await directory.get(`${rows}?$expand=principal,roleDefinition`)).status).toBe(400);
  });

  it("lists eligibilities by principal", async () => {
    const filter = encodeURIComponent(`principalId eq '${adminId(2)}'`);
    const answer = await directory.get(`${ELIGIBILITIES}Instances?$filter=${filter}`);
    expect(values(answer).map(({ directoryScopeId }) => directoryScopeId)).toContain(
      `/administrativeUnits/${ADMINISTRATIVE_UNIT}`,
    );
    expect(values(answer)).toHaveLength(5);
    expect(values(await directory.get(`${ELIGIBILITIES}s?$filter=${filter}`))).toHaveLength(5);
  });

  it("refuses filters and orders that PIM does not know", async () => {
    for (const query of ["$filter=endDateTime%20eq%20null", "$orderby=startDateTime"]) {
      const answer = await directory.get(`${ASSIGNMENTS}Instances?${query}`);
      expect([answer.status, codeOf(answer)]).toEqual([400, "InvalidFilter"]);
    }
    for (const query of ["$filter=status%20eq%20'Provisioned'", "$orderby=createdDateTime"])
      expect(codeOf(await directory.get(`${REQUESTS}?${query}`))).toBe("InvalidFilter");
  });

  it("ignores $top where PIM does", async () => {
    expect(values(await directory.get(`${ELIGIBILITIES}Instances?$top=1`)).length).toBeGreaterThan(20);
  });

  it("answers the seventeen rules of a role", async () => {
    const path = "/policies/roleManagementPolicyAssignments";
    const filter = `scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '${role("globalReader")}'`;
    const query = `$filter=${encodeURIComponent(filter)}&$expand=policy($expand=rules)`;
    const [assignment] = values(await directory.get(`${path}?${query}`));
    expect(assignment?.["policy"]).toMatchObject({ rules: { length: 17 } });
    expect((await directory.get(path)).status).toBe(400);
  });
});

describe("granting a role", () => {
  inTenant();

  it("provisions a time-bound row that starts at the directory's now and ends by itself", async () => {
    const granted = await directory.post(REQUESTS, order());
    expect(granted.status).toBe(201);
    const { id } = granted.body;
    expect(granted.body).toMatchObject({
      status: "Provisioned",
      targetScheduleId: id,
      scheduleInfo: { startDateTime: new Date(nowMs).toISOString() },
      createdBy: { user: { id: APPS.worker.objectId } },
      ticketInfo: { ticketNumber: "CHG0030192", ticketSystem: "ServiceNow" },
    });
    const endsAt = new Date(nowMs + 2 * HOUR_MS).toISOString();
    expect(values(await instancesOf(order()))).toMatchObject([
      { assignmentType: "Assigned", memberType: "Direct", endDateTime: endsAt, roleAssignmentScheduleId: id },
    ]);
    const schedule = await directory.get(`${ASSIGNMENTS}s/${String(id)}`);
    expect(schedule.body["scheduleInfo"]).toMatchObject({
      expiration: { type: "afterDateTime", endDateTime: endsAt, duration: null },
    });
    expect((await directory.get(`${REQUESTS}/${String(id)}`)).body["status"]).toBe("Provisioned");
    expect(directory.control("nextExpiryAt")).toBe(endsAt);

    pass(2 * HOUR_MS - 1);
    expect(values(await instancesOf(order()))).toHaveLength(1);
    pass(1);
    expect(values(await instancesOf(order()))).toEqual([]);
    expect((await directory.get(`${ASSIGNMENTS}s/${String(id)}`)).status).toBe(404);
    expect(directory.control("nextExpiryAt")).toBeNull();
    const grants = directory.control("grants") as readonly Record<string, unknown>[];
    expect(grants.at(-1)).toMatchObject({ ended: "expired", endedAt: endsAt, ticketNumber: "CHG0030192" });
  });

  it("refuses a second active row for the same principal, role and scope", async () => {
    await directory.post(REQUESTS, order());
    const later = { startDateTime: new Date(nowMs + 9 * HOUR_MS).toISOString(), ...lasting("PT1H") };
    for (const again of [order(), order({ scheduleInfo: later }), order({ isValidationOnly: true })]) {
      const answer = await directory.post(REQUESTS, again);
      expect([answer.status, codeOf(answer)]).toEqual([400, "RoleAssignmentExists"]);
    }
    const unit = order({ directoryScopeId: `/administrativeUnits/${ADMINISTRATIVE_UNIT}` });
    expect((await directory.post(REQUESTS, unit)).status).toBe(201);
  });

  it("removes no row in its first five minutes, then once", async () => {
    const early = await directory.post(REQUESTS, removal());
    expect([early.status, codeOf(early)]).toEqual([400, "ActiveDurationTooShort"]);
    pass(5 * MINUTE_MS - 1);
    expect(codeOf(await directory.post(REQUESTS, removal()))).toBe("ActiveDurationTooShort");
    pass(1);
    const removed = await directory.post(REQUESTS, removal(), "sweeper");
    expect(removed.body).toMatchObject({ status: "Revoked", scheduleInfo: null });
    expect(values(await instancesOf(order()))).toEqual([]);
    expect(codeOf(await directory.post(REQUESTS, removal()))).toBe("RoleAssignmentDoesNotExist");
  });

  it("judges windows", async () => {
    const codeFor = async (scheduleInfo: unknown): Promise<unknown> =>
      codeOf(await directory.post(REQUESTS, order({ scheduleInfo })));
    expect(await codeFor(lasting("PT4M59S"))).toBe("ActiveDurationTooShort");
    expect(await codeFor(lasting("4 hours"))).toBe("InvalidRoleAssignmentRequestSchedule");
    expect(await codeFor(null)).toBe("InvalidRoleAssignmentRequestSchedule");
    const past = { type: "afterDateTime", endDateTime: new Date(nowMs - 1).toISOString() };
    expect(await codeFor({ expiration: past })).toBe("InvalidRoleAssignmentRequestSchedule");
  });

  it("judges principal, role, scope and form", async () => {
    const codeFor = async (changes: Record<string, unknown>): Promise<unknown> =>
      codeOf(await directory.post(REQUESTS, order(changes)));
    expect(await codeFor({ principalId: "00000000-0000-4000-8000-00000000dead" })).toBe("SubjectNotFound");
    expect(await codeFor({ roleDefinitionId: "00000000-0000-4000-8000-00000000dead" })).toBe("RoleNotFound");
    expect(await codeFor({ directoryScopeId: "/elsewhere" })).toBe("InvalidScope");
    const unit = `/administrativeUnits/${ADMINISTRATIVE_UNIT}`;
    expect(await codeFor({ roleDefinitionId: role("globalReader"), directoryScopeId: unit })).toBe("InvalidScope");
    expect(await codeFor({ principalId: GROUPS.onCall })).toBe("Request_BadRequest");
    expect(await codeFor({ justifcation: "a typing error" })).toBe("BadRequest");
    expect(await codeFor({ action: "selfActivate" })).toBe("Request_BadRequest");
    expect((await directory.post(REQUESTS, undefined)).status).toBe(400);
  });

  it("applies the rules for administrators, not those for activations", async () => {
    const reader = { principalId: adminId(6), roleDefinitionId: role("securityReader") };
    const long = await directory.post(REQUESTS, order({ ...reader, scheduleInfo: lasting("PT9H"), ticketInfo: null }));
    expect(long.body["status"]).toBe("Provisioned");
    const ruled = { principalId: adminId(12), roleDefinitionId: role("intuneAdministrator") };
    const setRule = (ruleId: string, changes: object): unknown =>
      directory.control("setRule", { roleDefinitionId: ruled.roleDefinitionId, ruleId, changes });
    setRule("Expiration_Admin_Assignment", { isExpirationRequired: true, maximumDuration: "PT1H" });
    setRule("Enablement_Admin_Assignment", { enabledRules: ["Justification", "MultiFactorAuthentication"] });
    const answer = await directory.post(REQUESTS, order({ ...ruled, justification: "" }));
    expect(codeOf(answer)).toBe("RoleAssignmentRequestPolicyValidationFailed");
    expect(messageOf(answer)).toBe(
      'The following policy rules failed: ["ExpirationRule","JustificationRule","MfaRule"]',
    );
  });

  it("hides its errors in UnknownError where it is told to", async () => {
    directory.control("settings", { wrapErrors: true });
    const answer = await directory.post(REQUESTS, removal());
    directory.control("settings", { wrapErrors: false });
    expect([answer.status, codeOf(answer)]).toEqual([400, "UnknownError"]);
    expect(JSON.parse(messageOf(answer))).toMatchObject({ errorCode: "RoleAssignmentDoesNotExist" });
  });

  it("answers 201 for a request that failed or waits for approval", async () => {
    const asked = order({ principalId: adminId(7), roleDefinitionId: role("helpdeskAdministrator") });
    directory.control("nextRequest", { status: "Failed" });
    expect((await directory.post(REQUESTS, asked)).body["status"]).toBe("Failed");
    directory.control("nextRequest", { status: "PendingApproval" });
    const waiting = await directory.post(REQUESTS, asked);
    expect([waiting.status, waiting.body["status"]]).toEqual([201, "PendingApproval"]);
    expect(values(await instancesOf(asked))).toEqual([]);
    expect(codeOf(await directory.post(REQUESTS, asked))).toBe("PendingRoleAssignmentRequest");
    const cancel = `${REQUESTS}/${String(waiting.body["id"])}/cancel`;
    expect((await directory.post(cancel)).status).toBe(204);
    expect(codeOf(await directory.post(cancel))).toBe("RequestCannotBeCancelled");
    expect((await directory.post(REQUESTS, asked)).body["status"]).toBe("Provisioned");
  });

  it("provisions a slow request later", async () => {
    const asked = order({ principalId: adminId(11), roleDefinitionId: role("helpdeskAdministrator") });
    directory.control("nextRequest", { status: "PendingScheduleCreation", provisionAfterMs: 30_000 });
    const { id } = (await directory.post(REQUESTS, asked)).body;
    expect(values(await instancesOf(asked))).toEqual([]);
    pass(30_000);
    expect(values(await instancesOf(asked))).toHaveLength(1);
    expect((await directory.get(`${REQUESTS}/${String(id)}`)).body["status"]).toBe("Provisioned");
  });

  it("keeps a window that begins later as Granted and lets it be cancelled", async () => {
    const startDateTime = new Date(nowMs + HOUR_MS).toISOString();
    const asked = order({
      roleDefinitionId: role("globalReader"),
      scheduleInfo: { startDateTime, ...lasting("PT1H") },
    });
    const { id, status } = (await directory.post(REQUESTS, asked)).body;
    expect(status).toBe("Granted");
    expect(values(await instancesOf(asked))).toEqual([]);
    expect(ids(await directory.get(`${ASSIGNMENTS}s?$filter=${encodeURIComponent(tripleFilter(asked))}`))).toEqual([
      id,
    ]);
    expect((await directory.post(`${REQUESTS}/${String(id)}/cancel`)).status).toBe(204);
    pass(HOUR_MS);
    expect(values(await instancesOf(asked))).toEqual([]);
  });

  it("finds a request again by its triple and expands what it made", async () => {
    const asked = order({ roleDefinitionId: role("conditionalAccessAdministrator"), justification: "act-4711" });
    await directory.post(REQUESTS, asked);
    const filter = encodeURIComponent(tripleFilter(asked));
    const found = values(await directory.get(`${REQUESTS}?$filter=${filter}&$expand=targetSchedule`));
    expect(found).toMatchObject([{ justification: "act-4711", targetSchedule: { status: "Provisioned" } }]);
  });

  it("shows an answered request although the answer was lost", async () => {
    const asked = order({ roleDefinitionId: role("exchangeAdministrator") });
    directory.control("faults", { method: "POST", fault: { kind: "lostReply" } });
    await expect(directory.post(REQUESTS, asked)).rejects.toThrow();
    expect(values(await instancesOf(asked))).toHaveLength(1);
    directory.control("clearExchanges"); // its answer never left
  });
});

describe("reading late", () => {
  inTenant();

  it("shows changes only after a time", async () => {
    directory.control("settings", { readLagMs: 20_000 });
    await directory.post(REQUESTS, order());
    pass(19_999);
    expect(values(await instancesOf(order()))).toEqual([]);
    pass(1);
    expect(values(await instancesOf(order()))).toHaveLength(1);
    pass(5 * MINUTE_MS);
    await directory.post(REQUESTS, removal());
    pass(19_999);
    expect(values(await instancesOf(order()))).toHaveLength(1);
    pass(1);
    expect(values(await instancesOf(order()))).toEqual([]);
    directory.control("settings", { readLagMs: 0 });
  });

  it("shows changes only after a number of reads that ask for them", async () => {
    directory.control("settings", { readLagReads: 2 });
    await directory.post(REQUESTS, order());
    await instancesOf(order({ principalId: adminId(2) }));
    const seen = [];
    for (let read = 0; read < 3; read++) seen.push(values(await instancesOf(order())).length);
    pass(5 * MINUTE_MS);
    await directory.post(REQUESTS, removal());
    for (let read = 0; read < 3; read++) seen.push(values(await instancesOf(order())).length);
    directory.control("settings", { readLagReads: 0 });
    expect(seen).toEqual([0, 0, 1, 1, 1, 0]);
  });
});

describe("eligibility and what happens beside us", () => {
  inTenant();

  const eligible = order({ principalId: adminId(3), roleDefinitionId: role("globalReader") });
  const permanent = { ...eligible, scheduleInfo: { expiration: { type: "noExpiration" } } };

  it("gives and takes an eligibility", async () => {
    const given = await directory.post(`${ELIGIBILITIES}Requests`, permanent);
    expect(given.body).toMatchObject({ status: "Provisioned", scheduleInfo: { expiration: { type: "noExpiration" } } });
    expect(codeOf(await directory.post(`${ELIGIBILITIES}Requests`, permanent))).toBe("RoleAssignmentExists");
    expect(values(await instancesOf(eligible, ELIGIBILITIES))).toMatchObject([{ endDateTime: null }]);
    expect(values(await instancesOf(eligible))).toEqual([]);
    const removed = await directory.post(`${ELIGIBILITIES}Requests`, removal({ ...eligible, action: "adminRemove" }));
    expect(removed.body).toMatchObject({ status: "Revoked", scheduleInfo: null });
    expect(values(await instancesOf(eligible, ELIGIBILITIES))).toEqual([]);
  });

  it("loses the eligibility when the active row is updated", async () => {
    await directory.post(REQUESTS, order());
    const update = order({ action: "adminUpdate", scheduleInfo: lasting("PT3H") });
    expect(codeOf(await directory.post(REQUESTS, update))).toBe("ActiveDurationTooShort");
    pass(5 * MINUTE_MS);
    expect(values(await instancesOf(order(), ELIGIBILITIES))).toHaveLength(1);
    expect((await directory.post(REQUESTS, update)).body["status"]).toBe("Provisioned");
    expect(values(await instancesOf(order()))).toMatchObject([
      { endDateTime: new Date(nowMs + 3 * HOUR_MS).toISOString() },
    ]);
    expect(values(await instancesOf(order(), ELIGIBILITIES))).toEqual([]);
  });

  it("lets the eligible person activate and deactivate", async () => {
    const mine = order({
      action: "selfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
    });
    const me = `user:${adminId(8)}`;
    const foreign = await directory.post(REQUESTS, mine, `user:${adminId(1)}`);
    expect([foreign.status, codeOf(foreign)]).toEqual([403, "Authorization_RequestDenied"]);
    const tooLong = await directory.post(REQUESTS, { ...mine, scheduleInfo: lasting("PT9H") }, me);
    expect(messageOf(tooLong)).toContain('["ExpirationRule"]');
    const never = { ...mine, roleDefinitionId: role("intuneAdministrator") };
    expect(messageOf(await directory.post(REQUESTS, never, me))).toContain("EligibilityRule");
    expect((await directory.post(REQUESTS, mine, me)).body["status"]).toBe("Provisioned");
    const filter = encodeURIComponent(tripleFilter(mine));
    const [active] = values(await directory.get(`${ASSIGNMENTS}Instances?$filter=${filter}&$expand=activatedUsing`));
    expect(active).toMatchObject({ assignmentType: "Activated", activatedUsing: { principalId: adminId(8) } });
    pass(5 * MINUTE_MS);
    const done = await directory.post(REQUESTS, removal({ ...mine, action: "selfDeactivate" }), me);
    expect(done.body["status"]).toBe("Revoked");
  });

  it("waits for an approver where the role asks for one", async () => {
    directory.control("setRule", {
      roleDefinitionId: role("exchangeAdministrator"),
      ruleId: "Approval_EndUser_Assignment",
      changes: { setting: { isApprovalRequired: true, approvalStages: [] } },
    });
    const mine = order({
      action: "selfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
    });
    expect((await directory.post(REQUESTS, mine, `user:${adminId(8)}`)).body["status"]).toBe("PendingApproval");
  });

  it("shows rows that were made outside PIM, without a start", async () => {
    const row = { principalId: dailyId(30), roleDefinitionId: role("globalAdministrator"), directoryScopeId: "/" };
    directory.control("addAssignment", row);
    expect(values(await instancesOf(row))).toMatchObject([{ startDateTime: null, endDateTime: null }]);
    expect((await directory.post(REQUESTS, removal(row))).body["status"]).toBe("Revoked");
    directory.control("addAssignment", { ...row, how: "admin", durationMs: HOUR_MS });
    expect(values(await instancesOf(row))[0]?.["endDateTime"]).toBe(new Date(nowMs + HOUR_MS).toISOString());
    directory.control("removeAssignment", row);
    expect(values(await instancesOf(row))).toEqual([]);
    directory.control("addEligibility", row);
    expect(values(await instancesOf(row, ELIGIBILITIES))).toHaveLength(1);
    directory.control("addAssignment", { ...row, how: "selfActivated", durationMs: HOUR_MS });
    expect(values(await instancesOf(row))[0]?.["assignmentType"]).toBe("Activated");
    directory.control("removeEligibility", row);
    expect(values(await instancesOf(row, ELIGIBILITIES))).toEqual([]);
  });
});

describe("the audit log", () => {
  inTenant();

  const audits = async (filter: string): Promise<readonly Record<string, unknown>[]> =>
    values(await directory.get(`/auditLogs/directoryAudits?$filter=${encodeURIComponent(filter)}&$orderby=activityDateTime`)); // prettier-ignore

  it("shows rows only after they are ingested", async () => {
    await directory.post(REQUESTS, order());
    expect(await audits("loggedByService eq 'PIM'")).toEqual([]);
    pass(2 * MINUTE_MS);
    expect(await audits("loggedByService eq 'PIM'")).toHaveLength(2);
  });

  it("names who asked, the ticket and the reason", async () => {
    const [, completed] = await audits(`initiatedBy/app/appId eq '${APPS.worker.clientId}'`);
    expect(completed).toMatchObject({
      activityDisplayName: "Add member to role in PIM completed (timebound)",
      category: "RoleManagement",
    });
    expect(completed?.["additionalDetails"]).toEqual(
      expect.arrayContaining([
        { key: "TicketNumber", value: "CHG0030192" },
        { key: "Justification", value: "CHG0030192: rotate a key" },
      ]),
    );
    const one = await directory.get(`/auditLogs/directoryAudits/${String(completed?.["id"])}`);
    expect(one.body["activityDisplayName"]).toBe(completed?.["activityDisplayName"]);
  });

  it("has the end that came by itself, at the time it came", async () => {
    pass(3 * HOUR_MS);
    const end = new Date(nowMs - HOUR_MS - 2 * MINUTE_MS).toISOString();
    const rows = await audits(`activityDateTime ge ${end} and targetResources/any(t:t/id eq '${adminId(1)}')`);
    expect(rows).toMatchObject([
      { activityDisplayName: "Remove member from role in PIM completed (timebound)", activityDateTime: end },
    ]);
  });

  it("alarms about an assignment outside PIM and tells what a person did", async () => {
    directory.control("addAssignment", { principalId: dailyId(30), roleDefinitionId: role("globalReader") });
    directory.control("addActivity", {
      activityDisplayName: "Update application – Certificates and secrets management",
      byId: adminId(1),
      targetResources: [{ id: APPS.daemon.objectId, displayName: "daemon", type: "Application" }],
    });
    pass(2 * MINUTE_MS);
    expect(await audits("startswith(activityDisplayName,'Add member to role outside of PIM')")).toHaveLength(1);
    expect(await audits(`initiatedBy/user/id eq '${adminId(1)}'`)).toHaveLength(1);
  });
});

describe("batches", () => {
  inTenant();

  it("answers every part for itself", async () => {
    directory.control("faults", { path: "/users/", fault: { kind: "status", status: 429 } });
    const answer = await directory.post("/$batch", {
      requests: [
        { id: "1", method: "GET", url: `/users/${dailyId(1)}` },
        { id: "2", method: "GET", url: `/groups/${GROUPS.onCall}?$select=id` },
        { id: "3", method: "GET", url: `/groups/${GROUPS.onCall}`, dependsOn: ["1"] },
        { id: "4", method: "POST", url: REQUESTS, headers: { "Content-Type": "application/json" }, body: order() },
      ],
    });
    const responses = answer.body["responses"] as readonly Record<string, unknown>[];
    expect(responses.map(({ id, status }) => [id, status])).toEqual([
      ["1", 429],
      ["2", 200],
      ["3", 424],
      ["4", 201],
    ]);
    expect(responses[0]?.["headers"]).toMatchObject({ "retry-after": "1" });
  });

  it("takes at most twenty parts with ids of their own", async () => {
    const parts = (count: number, id: (n: number) => string): object => ({
      requests: Array.from({ length: count }, (_, n) => ({ id: id(n), method: "GET", url: "/users" })),
    });
    expect((await directory.post("/$batch", parts(21, String))).status).toBe(400);
    expect(
      (
        await directory.post(
          "/$batch",
          parts(2, () => "1"),
        )
      ).status,
    ).toBe(400);
  });
});

describe("a directory that is started again", () => {
  inTenant();

  it("knows everything it knew", async () => {
    await directory.post(REQUESTS, order());
    directory.control("settings", { pageSize: 3 });
    directory.control("setUser", { id: dailyId(4), accountEnabled: false });
    const before = directory.control("state");
    const link = (await directory.get("/users")).body["@odata.nextLink"];
    await directory.restart();
    expect(directory.control("state")).toEqual(before);
    expect(values(await instancesOf(order()))).toHaveLength(1);
    expect(codeOf(await directory.get(String(link)))).toBe("Directory_ExpiredPageToken");
  });
});
