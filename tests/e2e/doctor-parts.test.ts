import { describe, expect, it } from "vitest";
import { APPS, dailyId, RESOURCE_GROUP, SUBSCRIPTION_ID } from "../../local/seed.ts";
import { doctorOf, HUGO } from "../support/doctor.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, overwriteRow, storedRows } from "../support/stored-rows.ts";

const MINUTE_MS = 60_000;

/** Each part by itself, with the rights of the file. */
describe("zs doctor, of an app in three parts", () => {
  const stack = useStack({ split: true });
  const { found } = doctorOf(stack);

  it("names parts that said nothing about themselves yet", async () => {
    expect(await found()).toEqual([
      "report: The worker has never said anything about itself.",
      "report: The sweeper has never said anything about itself.",
    ]);
  });

  it("is well once they have, each with its own identity and permissions", async () => {
    await stack().clock.advance(65 * MINUTE_MS);
    await stack().settle();
    expect(await found()).toEqual([]);
    const well = await found("fine");
    for (const [part, { objectId }] of Object.entries({
      front: APPS.front,
      worker: APPS.worker,
      sweeper: APPS.sweeper,
    }))
      expect(well.filter((text) => text.includes(`The identity of the ${part} (${objectId}) has the`))).toHaveLength(1);
  });

  it("names whom a part that was taken over passes off as its own identity", async () => {
    const place = { partitionKey: "self-report", rowKey: "sweeper" };
    const rows = await storedRows(stack(), "findings", place.partitionKey);
    const row = rows.find(({ rowKey }) => rowKey === place.rowKey) ?? {};
    const report = jsonOf(row) as { readonly identity: object };
    const storage = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Storage/storageAccounts/zerostanding`;
    const right = { role: "Storage Table Data Contributor", scope: storage, principalId: dailyId(HUGO) };
    await stack().call("azure", "assign", right);
    const identity = { ...report.identity, principalId: dailyId(HUGO) };
    await overwriteRow(stack(), "findings", { ...place, json: JSON.stringify({ ...report, identity }) });
    expect(await found()).toContainEqual(
      expect.stringMatching(/^administrators: .* is not listed and can take over the storage \(Storage Table Data/),
    );
    await overwriteRow(stack(), "findings", { ...place, json: JSON.stringify(report) });
  });

  it("names two parts that can both read what one of them keeps to itself", async () => {
    const scope = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.KeyVault/vaults/zero-standing`;
    const right = { role: "Key Vault Secrets User", scope, principalId: APPS.front.objectId };
    const { id } = (await stack().call("azure", "assign", right)) as { readonly id: string };
    const faults = await found();
    await stack().call("azure", "unassign", { id });
    expect(faults).toContain(
      "permissions: The identities of the front and the worker may read the secrets in zero-standing, which belongs to one part.",
    );
  });

  it("names what a part without doors lacks, by what it said", async () => {
    await stack().call("graph", "setApp", { id: APPS.sweeper.objectId, permissions: ["Application.Read.All"] });
    await stack().call("jira", "setSecret", { apiToken: "another" });
    await stack().clock.advance(60 * MINUTE_MS);
    await stack().settle();
    const faults = await found();
    expect(faults).toContainEqual(
      expect.stringMatching(
        /^permissions: The identity of the sweeper .* lacks RoleAssignmentSchedule\.Remove\.Directory: /,
      ),
    );
    expect(faults.filter((text) => text.startsWith("tickets: jira cannot be used"))).toHaveLength(2);
  });

  it("names a part that fell silent", async () => {
    await stack().stopProcess("sweeper");
    await stack().clock.advance(3 * 60 * MINUTE_MS);
    expect(await found()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^report: The sweeper said nothing for \d h about itself\.$/),
        expect.stringMatching(/^timers: The timer sweep last ran \d h ago/),
      ]),
    );
  });
});
