import { describe, expect, it } from "vitest";
import { ACCOUNTS, ADMINISTRATIVE_UNIT, adminId, APPS, dailyId, GROUPS } from "../../local/seed.ts";
import { MINUTE_MS, codeOf, ids, now, pass, tenantOfItsOwn, values } from "../support/graph-requests.ts";

describe("people and groups", () => {
  const directory = tenantOfItsOwn();

  it("answers a user with the default properties unless others are selected", async () => {
    const plain = await directory().get(`/users/${dailyId(1)}`);
    expect(plain.body).toMatchObject({ displayName: "Ada Byron", mail: "ada.byron@contoso.example" });
    expect(plain.body).not.toHaveProperty("accountEnabled");
    const selected = await directory().get(`/users/${ACCOUNTS.disabled}?$select=id,accountEnabled,userType`);
    expect(selected.body).toMatchObject({ id: ACCOUNTS.disabled, accountEnabled: false, userType: "Member" });
  });

  it("finds a user by name, and nobody by an unknown id", async () => {
    expect((await directory().get("/users/ben.okafor@contoso.example")).body["id"]).toBe(dailyId(2));
    const missing = await directory().get(`/users/${GROUPS.onCall}`);
    expect([missing.status, codeOf(missing)]).toEqual([404, "Request_ResourceNotFound"]);
  });

  it("filters users and follows pages to the end", async () => {
    directory().control("settings", { pageSize: 7, emptyPages: true });
    const found: unknown[] = [];
    let next: unknown = `/users?$filter=${encodeURIComponent("accountEnabled eq true")}&$select=id&$top=5`;
    let empty = 0;
    while (typeof next === "string") {
      const page = await directory().get(next);
      found.push(...ids(page));
      empty += values(page).length === 0 ? 1 : 0;
      next = page.body["@odata.nextLink"];
    }
    directory().control("settings", { pageSize: 100, emptyPages: false });
    const all = await directory().get("/users?$select=id,accountEnabled");
    const enabled = values(all).filter((user) => user["accountEnabled"] === true);
    expect(found).toEqual(enabled.map(({ id }) => id));
    expect(empty).toBeGreaterThan(0);
  });

  it("asks for the eventual consistency level where a query is an advanced one", async () => {
    const path = `/users?$filter=${encodeURIComponent("userType ne 'Member'")}&$count=true`;
    expect(codeOf(await directory().get(path))).toBe("Request_UnsupportedQuery");
    const answer = await directory().get(path, "all", { ConsistencyLevel: "eventual" });
    expect([answer.body["@odata.count"], ids(answer)]).toEqual([1, [ACCOUNTS.guest]]);
  });

  it("refuses an unknown property, filter and option", async () => {
    expect((await directory().get("/users?$select=shoeSize")).status).toBe(400);
    expect((await directory().get("/users?$filter=shoeSize%20eq%2042")).status).toBe(400);
    expect((await directory().get("/users?$filter=id%20eq")).status).toBe(400);
    expect((await directory().get("/users?$top=1000")).status).toBe(400);
  });

  it("answers a manager, or 404 for who has none", async () => {
    const manager = await directory().get(`/users/${dailyId(1)}/manager?$select=id`);
    expect(manager.body).toMatchObject({ "@odata.type": "#microsoft.graph.user", id: dailyId(5) });
    expect((await directory().get(`/users/${dailyId(9)}/manager`)).status).toBe(404);
    directory().control("setManager", { id: dailyId(1), managerId: dailyId(9) });
    expect((await directory().get(`/users/${dailyId(1)}?$expand=manager($select=id)`)).body["manager"]).toMatchObject({
      id: dailyId(9),
    });
  });

  it("tells direct members from nested ones and says of each what it is", async () => {
    const direct = await directory().get(`/groups/${GROUPS.onCall}/members?$select=id`);
    expect(ids(direct)).toEqual([dailyId(2), dailyId(12), GROUPS.helpdeskTier2]);
    expect(values(direct)[2]?.["@odata.type"]).toBe("#microsoft.graph.group");
    const all = await directory().get(`/groups/${GROUPS.onCall}/transitiveMembers?$select=id`);
    expect(ids(all)).toEqual([dailyId(2), dailyId(12), GROUPS.helpdeskTier2, dailyId(7), dailyId(11)]);
    const groups = await directory().get(`/users/${dailyId(11)}/transitiveMemberOf?$select=id`);
    expect(ids(groups)).toEqual([GROUPS.onCall, GROUPS.helpdeskTier2, GROUPS.everyone]);
  });

  it("shows what makes a group fit for approvers", async () => {
    const everyone = await directory().get(`/groups/${GROUPS.everyone}`);
    expect(everyone.body).toMatchObject({ isAssignableToRole: false, groupTypes: ["DynamicMembership"] });
    const dynamic = encodeURIComponent("groupTypes/any(t:t eq 'DynamicMembership') or isAssignableToRole eq true");
    expect(ids(await directory().get(`/groups?$filter=${dynamic}`))).toHaveLength(6);
    expect(ids(await directory().get(`/groups/${GROUPS.identityTeam}/owners`))).toEqual([]);
    directory().control("setGroup", { id: GROUPS.identityTeam, ownerIds: [dailyId(40)] });
    expect(ids(await directory().get(`/groups/${GROUPS.identityTeam}/owners`))).toEqual([dailyId(40)]);
  });

  it("shows changes that the control API makes", async () => {
    directory().control("addMember", { groupId: GROUPS.emptyApprovers, memberId: dailyId(6) });
    expect(ids(await directory().get(`/groups/${GROUPS.emptyApprovers}/members`))).toEqual([dailyId(6)]);
    directory().control("removeMember", { groupId: GROUPS.emptyApprovers, memberId: dailyId(6) });
    expect(ids(await directory().get(`/groups/${GROUPS.emptyApprovers}/members`))).toEqual([]);
    directory().control("setUser", { id: dailyId(6), accountEnabled: false });
    expect((await directory().get(`/users/${dailyId(6)}?$select=accountEnabled`)).body["accountEnabled"]).toBe(false);
    expect(() => directory().control("setUser", { id: dailyId(6), acountEnabled: true })).toThrow("acountEnabled");
  });

  it("answers any object by its id", async () => {
    expect((await directory().get(`/directoryObjects/${APPS.worker.objectId}`)).body).toMatchObject({
      "@odata.type": "#microsoft.graph.servicePrincipal",
      appId: APPS.worker.clientId,
    });
    expect((await directory().get(`/directoryObjects/${ADMINISTRATIVE_UNIT}`)).status).toBe(200);
    expect((await directory().get(`/servicePrincipals/${APPS.worker.objectId}`)).status).toBe(200);
  });

  it("ends the sign-in sessions of a user", async () => {
    pass(MINUTE_MS);
    const answer = await directory().post(`/users/${dailyId(1)}/revokeSignInSessions`);
    expect(answer.body["value"]).toBe(true);
    const user = await directory().get(`/users/${dailyId(1)}?$select=signInSessionsValidFromDateTime`);
    expect(user.body["signInSessionsValidFromDateTime"]).toBe(new Date(now()).toISOString());
  });

  it("hands a mail to the mailbox and answers 202 without a body", async () => {
    const message = {
      subject: "Approve?",
      body: { contentType: "html", content: "<p>yes</p>" },
      toRecipients: [{ emailAddress: { address: "cora.lindt@contoso.example" } }],
    };
    const answer = await directory().post(`/users/${ACCOUNTS.mailSender}/sendMail`, {
      message,
      saveToSentItems: false,
    });
    expect([answer.status, answer.body]).toEqual([202, {}]);
    expect(directory().mails).toMatchObject([
      { from: "zero-standing@contoso.example", to: ["cora.lindt@contoso.example"], contentType: "html" },
    ]);
    const none = await directory().post(`/users/${adminId(1)}/sendMail`, { message });
    expect([none.status, codeOf(none)]).toEqual([404, "MailboxNotEnabledForRESTAPI"]);
    const nowhere = { message: { ...message, toRecipients: [] } };
    expect(codeOf(await directory().post(`/users/${ACCOUNTS.mailSender}/sendMail`, nowhere))).toBe(
      "ErrorInvalidRecipients",
    );
  });

  it("takes so many mails of a mailbox in a minute, and says when there is room", async () => {
    pass(MINUTE_MS);
    directory().control("settings", { mailsOfMailbox: 2 });
    const message = {
      body: { contentType: "text", content: "" },
      toRecipients: [{ emailAddress: { address: "cora.lindt@contoso.example" } }],
    };
    const send = () => directory().post(`/users/${ACCOUNTS.mailSender}/sendMail`, { message });
    expect((await send()).status).toBe(202);
    pass(40_000);
    expect((await send()).status).toBe(202);
    for (let times = 0; times < 2; times += 1) {
      const refused = await send();
      expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([
        429,
        "ApplicationThrottled",
        "20",
      ]);
    }
    pass(20_000);
    expect([(await send()).status, (await send()).status]).toEqual([202, 429]);
  });
});
