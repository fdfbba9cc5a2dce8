import { describe, expect, it } from "vitest";
import { ADMINISTRATIVE_UNIT, adminId, APPS, GROUPS } from "../../local/seed.ts";
import {
  ASSIGNMENTS,
  HOUR_MS,
  MINUTE_MS,
  REQUESTS,
  codeOf,
  ids,
  instancesOf,
  lasting,
  messageOf,
  now,
  order,
  pass,
  removal,
  role,
  tenantOfItsOwn,
  tripleFilter,
  values,
} from "../support/graph-requests.ts";

describe("granting a role", () => {
  const directory = tenantOfItsOwn();

  it("provisions a time-bound row that starts at the directory's now and ends by itself", async () => {
    const granted = await directory().post(REQUESTS, order());
    expect(granted.status).toBe(201);
    const { id } = granted.body;
    expect(granted.body).toMatchObject({
      status: "Provisioned",
      targetScheduleId: id,
      scheduleInfo: { startDateTime: new Date(now()).toISOString() },
      createdBy: { user: { id: APPS.worker.objectId } },
      ticketInfo: { ticketNumber: "CHG0030192", ticketSystem: "ServiceNow" },
    });
    const endsAt = new Date(now() + 2 * HOUR_MS).toISOString();
    expect(values(await instancesOf(directory(), order()))).toMatchObject([
      { assignmentType: "Assigned", memberType: "Direct", endDateTime: endsAt, roleAssignmentScheduleId: id },
    ]);
    const schedule = await directory().get(`${ASSIGNMENTS}s/${String(id)}`);
    expect(schedule.body["scheduleInfo"]).toMatchObject({
      expiration: { type: "afterDateTime", endDateTime: endsAt, duration: null },
    });
    expect((await directory().get(`${REQUESTS}/${String(id)}`)).body["status"]).toBe("Provisioned");
    expect(directory().control("nextExpiryAt")).toBe(endsAt);

    pass(2 * HOUR_MS - 1);
    expect(values(await instancesOf(directory(), order()))).toHaveLength(1);
    pass(1);
    expect(values(await instancesOf(directory(), order()))).toEqual([]);
    expect((await directory().get(`${ASSIGNMENTS}s/${String(id)}`)).status).toBe(404);
    expect(directory().control("nextExpiryAt")).toBeNull();
    const grants = directory().control("grants") as readonly Record<string, unknown>[];
    expect(grants.at(-1)).toMatchObject({ ended: "expired", endedAt: endsAt, ticketNumber: "CHG0030192" });
  });

  it("refuses a second active row for the same principal, role and scope", async () => {
    await directory().post(REQUESTS, order());
    const later = { startDateTime: new Date(now() + 9 * HOUR_MS).toISOString(), ...lasting("PT1H") };
    for (const again of [order(), order({ scheduleInfo: later }), order({ isValidationOnly: true })]) {
      const answer = await directory().post(REQUESTS, again);
      expect([answer.status, codeOf(answer)]).toEqual([400, "RoleAssignmentExists"]);
    }
    const unit = order({ directoryScopeId: `/administrativeUnits/${ADMINISTRATIVE_UNIT}` });
    expect((await directory().post(REQUESTS, unit)).status).toBe(201);
  });

  it("removes no row in its first five minutes, then once", async () => {
    const early = await directory().post(REQUESTS, removal());
    expect([early.status, codeOf(early)]).toEqual([400, "ActiveDurationTooShort"]);
    pass(5 * MINUTE_MS - 1);
    expect(codeOf(await directory().post(REQUESTS, removal()))).toBe("ActiveDurationTooShort");
    pass(1);
    const removed = await directory().post(REQUESTS, removal(), "sweeper");
    expect(removed.body).toMatchObject({ status: "Revoked", scheduleInfo: null });
    expect(values(await instancesOf(directory(), order()))).toEqual([]);
    expect(codeOf(await directory().post(REQUESTS, removal()))).toBe("RoleAssignmentDoesNotExist");
  });

  it("judges windows", async () => {
    const codeFor = async (scheduleInfo: unknown): Promise<unknown> =>
      codeOf(await directory().post(REQUESTS, order({ scheduleInfo })));
    expect(await codeFor(lasting("PT4M59S"))).toBe("ActiveDurationTooShort");
    expect(await codeFor(lasting("4 hours"))).toBe("InvalidRoleAssignmentRequestSchedule");
    expect(await codeFor(null)).toBe("InvalidRoleAssignmentRequestSchedule");
    const past = { type: "afterDateTime", endDateTime: new Date(now() - 1).toISOString() };
    expect(await codeFor({ expiration: past })).toBe("InvalidRoleAssignmentRequestSchedule");
  });

  it("judges principal, role, scope and form", async () => {
    const codeFor = async (changes: Record<string, unknown>): Promise<unknown> =>
      codeOf(await directory().post(REQUESTS, order(changes)));
    expect(await codeFor({ principalId: "00000000-0000-4000-8000-00000000dead" })).toBe("SubjectNotFound");
    expect(await codeFor({ roleDefinitionId: "00000000-0000-4000-8000-00000000dead" })).toBe("RoleNotFound");
    expect(await codeFor({ directoryScopeId: "/elsewhere" })).toBe("InvalidScope");
    const unit = `/administrativeUnits/${ADMINISTRATIVE_UNIT}`;
    expect(await codeFor({ roleDefinitionId: role("globalReader"), directoryScopeId: unit })).toBe("InvalidScope");
    expect(await codeFor({ principalId: GROUPS.onCall })).toBe("Request_BadRequest");
    expect(await codeFor({ justifcation: "a typing error" })).toBe("BadRequest");
    expect(await codeFor({ action: "selfActivate" })).toBe("Request_BadRequest");
    expect((await directory().post(REQUESTS, undefined)).status).toBe(400);
  });

  it("applies the rules for administrators, not those for activations", async () => {
    const reader = { principalId: adminId(6), roleDefinitionId: role("securityReader") };
    const long = await directory().post(
      REQUESTS,
      order({ ...reader, scheduleInfo: lasting("PT9H"), ticketInfo: null }),
    );
    expect(long.body["status"]).toBe("Provisioned");
    const ruled = { principalId: adminId(12), roleDefinitionId: role("intuneAdministrator") };
    const setRule = (ruleId: string, changes: object): unknown =>
      directory().control("setRule", { roleDefinitionId: ruled.roleDefinitionId, ruleId, changes });
    setRule("Expiration_Admin_Assignment", { isExpirationRequired: true, maximumDuration: "PT1H" });
    setRule("Enablement_Admin_Assignment", { enabledRules: ["Justification", "MultiFactorAuthentication"] });
    const answer = await directory().post(REQUESTS, order({ ...ruled, justification: "" }));
    expect(codeOf(answer)).toBe("RoleAssignmentRequestPolicyValidationFailed");
    expect(messageOf(answer)).toBe(
      'The following policy rules failed: ["ExpirationRule","JustificationRule","MfaRule"]',
    );
  });

  it("hides its errors in UnknownError where it is told to", async () => {
    directory().control("settings", { wrapErrors: true });
    const answer = await directory().post(REQUESTS, removal());
    directory().control("settings", { wrapErrors: false });
    expect([answer.status, codeOf(answer)]).toEqual([400, "UnknownError"]);
    expect(JSON.parse(messageOf(answer))).toMatchObject({ errorCode: "RoleAssignmentDoesNotExist" });
  });

  it("answers 201 for a request that failed or waits for approval", async () => {
    const asked = order({ principalId: adminId(7), roleDefinitionId: role("helpdeskAdministrator") });
    directory().control("nextRequest", { status: "Failed" });
    expect((await directory().post(REQUESTS, asked)).body["status"]).toBe("Failed");
    directory().control("nextRequest", { status: "PendingApproval" });
    const waiting = await directory().post(REQUESTS, asked);
    expect([waiting.status, waiting.body["status"]]).toEqual([201, "PendingApproval"]);
    expect(values(await instancesOf(directory(), asked))).toEqual([]);
    expect(codeOf(await directory().post(REQUESTS, asked))).toBe("PendingRoleAssignmentRequest");
    const cancel = `${REQUESTS}/${String(waiting.body["id"])}/cancel`;
    expect((await directory().post(cancel)).status).toBe(204);
    expect(codeOf(await directory().post(cancel))).toBe("RequestCannotBeCancelled");
    expect((await directory().post(REQUESTS, asked)).body["status"]).toBe("Provisioned");
  });

  it("provisions a slow request later", async () => {
    const asked = order({ principalId: adminId(11), roleDefinitionId: role("helpdeskAdministrator") });
    directory().control("nextRequest", { status: "PendingScheduleCreation", provisionAfterMs: 30_000 });
    const { id } = (await directory().post(REQUESTS, asked)).body;
    expect(values(await instancesOf(directory(), asked))).toEqual([]);
    pass(30_000);
    expect(values(await instancesOf(directory(), asked))).toHaveLength(1);
    expect((await directory().get(`${REQUESTS}/${String(id)}`)).body["status"]).toBe("Provisioned");
  });

  it("keeps a window that begins later as Granted and lets it be cancelled", async () => {
    const startDateTime = new Date(now() + HOUR_MS).toISOString();
    const asked = order({
      roleDefinitionId: role("globalReader"),
      scheduleInfo: { startDateTime, ...lasting("PT1H") },
    });
    const { id, status } = (await directory().post(REQUESTS, asked)).body;
    expect(status).toBe("Granted");
    expect(values(await instancesOf(directory(), asked))).toEqual([]);
    expect(ids(await directory().get(`${ASSIGNMENTS}s?$filter=${encodeURIComponent(tripleFilter(asked))}`))).toEqual([
      id,
    ]);
    expect((await directory().post(`${REQUESTS}/${String(id)}/cancel`)).status).toBe(204);
    pass(HOUR_MS);
    expect(values(await instancesOf(directory(), asked))).toEqual([]);
  });

  it("finds a request again by its triple and expands what it made", async () => {
    const asked = order({ roleDefinitionId: role("conditionalAccessAdministrator"), justification: "act-4711" });
    await directory().post(REQUESTS, asked);
    const filter = encodeURIComponent(tripleFilter(asked));
    const found = values(await directory().get(`${REQUESTS}?$filter=${filter}&$expand=targetSchedule`));
    expect(found).toMatchObject([{ justification: "act-4711", targetSchedule: { status: "Provisioned" } }]);
  });

  it("shows an answered request although the answer was lost", async () => {
    const asked = order({ roleDefinitionId: role("exchangeAdministrator") });
    directory().control("faults", { method: "POST", fault: { kind: "lostReply" } });
    await expect(directory().post(REQUESTS, asked)).rejects.toThrow();
    expect(values(await instancesOf(directory(), asked))).toHaveLength(1);
    directory().control("clearExchanges"); // its answer never left
  });
});
