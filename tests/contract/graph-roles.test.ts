import { describe, expect, it } from "vitest";
import { ACCOUNTS, ADMINISTRATIVE_UNIT, adminId, APPS, dailyId } from "../../local/seed.ts";
import {
  ASSIGNMENTS,
  ELIGIBILITIES,
  HOUR_MS,
  MINUTE_MS,
  REQUESTS,
  codeOf,
  ids,
  instancesOf,
  now,
  order,
  pass,
  removal,
  role,
  tenantOfItsOwn,
  values,
} from "../support/graph-requests.ts";

describe("reading roles", () => {
  const directory = tenantOfItsOwn();

  it("lists role definitions; their names compare with case", async () => {
    const found = async (name: string): Promise<unknown[]> =>
      ids(await directory().get(`/roleManagement/directory/roleDefinitions?$filter=displayName%20eq%20'${name}'`));
    expect(await found("Global Administrator")).toEqual([role("globalAdministrator")]);
    expect(await found("global administrator")).toEqual([]);
    const one = await directory().get(`/roleManagement/directory/roleDefinitions/${role("globalReader")}`);
    expect(one.body["displayName"]).toBe("Global Reader");
  });

  it("shows what stands, with principal and role expanded", async () => {
    const filter = encodeURIComponent("assignmentType eq 'Assigned' and isof(principal,'microsoft.graph.user')");
    const answer = await directory().get(
      `${ASSIGNMENTS}Instances?$filter=${filter}&$expand=principal($select=id),roleDefinition`,
    );
    expect(values(answer)[0]).toMatchObject({
      principalId: ACCOUNTS.breakGlass1,
      endDateTime: null,
      principal: { "@odata.type": "#microsoft.graph.user", id: ACCOUNTS.breakGlass1 },
      roleDefinition: { displayName: "Global Administrator" },
    });
    const instance = await directory().get(`${ASSIGNMENTS}Instances/${String(values(answer)[0]?.["id"])}`);
    expect(instance.body["roleAssignmentScheduleId"]).toBe(values(answer)[0]?.["roleAssignmentScheduleId"]);
    const deep = await directory().get(`${ASSIGNMENTS}Instances?$expand=principal($select=displayName)`);
    expect(deep.status).toBe(400);
  });

  it("shows the same rows as plain role assignments, one expansion at most", async () => {
    const rows = "/roleManagement/directory/roleAssignments";
    const filter = encodeURIComponent(`roleDefinitionId eq '${role("globalAdministrator")}'`);
    expect(values(await directory().get(`${rows}?$filter=${filter}&$expand=principal`))).toHaveLength(3);
    expect((await directory().get(`${rows}?$expand=principal,roleDefinition`)).status).toBe(400);
  });

  it("lists eligibilities by principal", async () => {
    const filter = encodeURIComponent(`principalId eq '${adminId(2)}'`);
    const answer = await directory().get(`${ELIGIBILITIES}Instances?$filter=${filter}`);
    expect(values(answer).map(({ directoryScopeId }) => directoryScopeId)).toContain(
      `/administrativeUnits/${ADMINISTRATIVE_UNIT}`,
    );
    expect(values(answer)).toHaveLength(5);
    expect(values(await directory().get(`${ELIGIBILITIES}s?$filter=${filter}`))).toHaveLength(5);
  });

  it("refuses filters and orders that PIM does not know", async () => {
    for (const query of ["$filter=endDateTime%20eq%20null", "$orderby=startDateTime"]) {
      const answer = await directory().get(`${ASSIGNMENTS}Instances?${query}`);
      expect([answer.status, codeOf(answer)]).toEqual([400, "InvalidFilter"]);
    }
    for (const query of ["$filter=status%20eq%20'Provisioned'", "$orderby=createdDateTime"])
      expect(codeOf(await directory().get(`${REQUESTS}?${query}`))).toBe("InvalidFilter");
  });

  it("ignores $top where PIM does", async () => {
    expect(values(await directory().get(`${ELIGIBILITIES}Instances?$top=1`)).length).toBeGreaterThan(20);
  });

  it("answers the seventeen rules of a role", async () => {
    const path = "/policies/roleManagementPolicyAssignments";
    const filter = `scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '${role("globalReader")}'`;
    const query = `$filter=${encodeURIComponent(filter)}&$expand=policy($expand=rules)`;
    const [assignment] = values(await directory().get(`${path}?${query}`));
    expect(assignment?.["policy"]).toMatchObject({ rules: { length: 17 } });
    expect((await directory().get(path)).status).toBe(400);
  });
});

describe("reading late", () => {
  const directory = tenantOfItsOwn();

  it("shows changes only after a time", async () => {
    directory().control("settings", { readLagMs: 20_000 });
    await directory().post(REQUESTS, order());
    pass(19_999);
    expect(values(await instancesOf(directory(), order()))).toEqual([]);
    pass(1);
    expect(values(await instancesOf(directory(), order()))).toHaveLength(1);
    pass(5 * MINUTE_MS);
    await directory().post(REQUESTS, removal());
    pass(19_999);
    expect(values(await instancesOf(directory(), order()))).toHaveLength(1);
    pass(1);
    expect(values(await instancesOf(directory(), order()))).toEqual([]);
    directory().control("settings", { readLagMs: 0 });
  });

  it("shows changes only after a number of reads that ask for them", async () => {
    directory().control("settings", { readLagReads: 2 });
    await directory().post(REQUESTS, order());
    await instancesOf(directory(), order({ principalId: adminId(2) }));
    const seen = [];
    for (let read = 0; read < 3; read++) seen.push(values(await instancesOf(directory(), order())).length);
    pass(5 * MINUTE_MS);
    await directory().post(REQUESTS, removal());
    for (let read = 0; read < 3; read++) seen.push(values(await instancesOf(directory(), order())).length);
    directory().control("settings", { readLagReads: 0 });
    expect(seen).toEqual([0, 0, 1, 1, 1, 0]);
  });
});

describe("the audit log", () => {
  const directory = tenantOfItsOwn();

  const audits = async (filter: string): Promise<readonly Record<string, unknown>[]> =>
    values(await directory().get(`/auditLogs/directoryAudits?$filter=${encodeURIComponent(filter)}&$orderby=activityDateTime`)); // prettier-ignore

  it("shows rows only after they are ingested", async () => {
    await directory().post(REQUESTS, order());
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
    const one = await directory().get(`/auditLogs/directoryAudits/${String(completed?.["id"])}`);
    expect(one.body["activityDisplayName"]).toBe(completed?.["activityDisplayName"]);
  });

  it("has the end that came by itself, at the time it came", async () => {
    pass(3 * HOUR_MS);
    const end = new Date(now() - HOUR_MS - 2 * MINUTE_MS).toISOString();
    const rows = await audits(`activityDateTime ge ${end} and targetResources/any(t:t/id eq '${adminId(1)}')`);
    expect(rows).toMatchObject([
      { activityDisplayName: "Remove member from role in PIM completed (timebound)", activityDateTime: end },
    ]);
  });

  it("alarms about an assignment outside PIM and tells what a person did", async () => {
    directory().control("addAssignment", { principalId: dailyId(30), roleDefinitionId: role("globalReader") });
    directory().control("addActivity", {
      activityDisplayName: "Update application – Certificates and secrets management",
      byId: adminId(1),
      targetResources: [{ id: APPS.daemon.objectId, displayName: "daemon", type: "Application" }],
    });
    pass(2 * MINUTE_MS);
    expect(await audits("startswith(activityDisplayName,'Add member to role outside of PIM')")).toHaveLength(1);
    expect(await audits(`initiatedBy/user/id eq '${adminId(1)}'`)).toHaveLength(1);
  });
});
