import { describe, expect, it } from "vitest";
import { adminId, dailyId } from "../../local/seed.ts";
import {
  ASSIGNMENTS,
  ELIGIBILITIES,
  HOUR_MS,
  MINUTE_MS,
  REQUESTS,
  codeOf,
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

describe("eligibility and what happens beside us", () => {
  const directory = tenantOfItsOwn();

  const eligible = order({ principalId: adminId(3), roleDefinitionId: role("globalReader") });
  const permanent = { ...eligible, scheduleInfo: { expiration: { type: "noExpiration" } } };

  it("gives and takes an eligibility", async () => {
    const given = await directory().post(`${ELIGIBILITIES}Requests`, permanent);
    expect(given.body).toMatchObject({ status: "Provisioned", scheduleInfo: { expiration: { type: "noExpiration" } } });
    expect(codeOf(await directory().post(`${ELIGIBILITIES}Requests`, permanent))).toBe("RoleAssignmentExists");
    expect(values(await instancesOf(directory(), eligible, "all", ELIGIBILITIES))).toMatchObject([
      { endDateTime: null },
    ]);
    expect(values(await instancesOf(directory(), eligible))).toEqual([]);
    const removed = await directory().post(`${ELIGIBILITIES}Requests`, removal({ ...eligible, action: "adminRemove" }));
    expect(removed.body).toMatchObject({ status: "Revoked", scheduleInfo: null });
    expect(values(await instancesOf(directory(), eligible, "all", ELIGIBILITIES))).toEqual([]);
  });

  it("loses the eligibility when the active row is updated", async () => {
    await directory().post(REQUESTS, order());
    const update = order({ action: "adminUpdate", scheduleInfo: lasting("PT3H") });
    expect(codeOf(await directory().post(REQUESTS, update))).toBe("ActiveDurationTooShort");
    pass(5 * MINUTE_MS);
    expect(values(await instancesOf(directory(), order(), "all", ELIGIBILITIES))).toHaveLength(1);
    expect((await directory().post(REQUESTS, update)).body["status"]).toBe("Provisioned");
    expect(values(await instancesOf(directory(), order()))).toMatchObject([
      { endDateTime: new Date(now() + 3 * HOUR_MS).toISOString() },
    ]);
    expect(values(await instancesOf(directory(), order(), "all", ELIGIBILITIES))).toEqual([]);
  });

  it("lets the eligible person activate and deactivate", async () => {
    const mine = order({
      action: "selfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
    });
    const me = `user:${adminId(8)}`;
    const foreign = await directory().post(REQUESTS, mine, `user:${adminId(1)}`);
    expect([foreign.status, codeOf(foreign)]).toEqual([403, "Authorization_RequestDenied"]);
    const tooLong = await directory().post(REQUESTS, { ...mine, scheduleInfo: lasting("PT9H") }, me);
    expect(messageOf(tooLong)).toContain('["ExpirationRule"]');
    const never = { ...mine, roleDefinitionId: role("intuneAdministrator") };
    expect(messageOf(await directory().post(REQUESTS, never, me))).toContain("EligibilityRule");
    expect((await directory().post(REQUESTS, mine, me)).body["status"]).toBe("Provisioned");
    const filter = encodeURIComponent(tripleFilter(mine));
    const [active] = values(await directory().get(`${ASSIGNMENTS}Instances?$filter=${filter}&$expand=activatedUsing`));
    expect(active).toMatchObject({ assignmentType: "Activated", activatedUsing: { principalId: adminId(8) } });
    pass(5 * MINUTE_MS);
    const done = await directory().post(REQUESTS, removal({ ...mine, action: "selfDeactivate" }), me);
    expect(done.body["status"]).toBe("Revoked");
  });

  it("waits for an approver where the role asks for one", async () => {
    directory().control("setRule", {
      roleDefinitionId: role("exchangeAdministrator"),
      ruleId: "Approval_EndUser_Assignment",
      changes: { setting: { isApprovalRequired: true, approvalStages: [] } },
    });
    const mine = order({
      action: "selfActivate",
      principalId: adminId(8),
      roleDefinitionId: role("exchangeAdministrator"),
    });
    expect((await directory().post(REQUESTS, mine, `user:${adminId(8)}`)).body["status"]).toBe("PendingApproval");
  });

  it("shows rows that were made outside PIM, without a start", async () => {
    const row = { principalId: dailyId(30), roleDefinitionId: role("globalAdministrator"), directoryScopeId: "/" };
    directory().control("addAssignment", row);
    expect(values(await instancesOf(directory(), row))).toMatchObject([{ startDateTime: null, endDateTime: null }]);
    expect((await directory().post(REQUESTS, removal(row))).body["status"]).toBe("Revoked");
    directory().control("addAssignment", { ...row, how: "admin", durationMs: HOUR_MS });
    expect(values(await instancesOf(directory(), row))[0]?.["endDateTime"]).toBe(
      new Date(now() + HOUR_MS).toISOString(),
    );
    directory().control("removeAssignment", row);
    expect(values(await instancesOf(directory(), row))).toEqual([]);
    directory().control("addEligibility", row);
    expect(values(await instancesOf(directory(), row, "all", ELIGIBILITIES))).toHaveLength(1);
    directory().control("addAssignment", { ...row, how: "selfActivated", durationMs: HOUR_MS });
    expect(values(await instancesOf(directory(), row))[0]?.["assignmentType"]).toBe("Activated");
    directory().control("removeEligibility", row);
    expect(values(await instancesOf(directory(), row, "all", ELIGIBILITIES))).toEqual([]);
  });
});
