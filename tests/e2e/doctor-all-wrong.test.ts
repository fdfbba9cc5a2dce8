import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adminId, APPS, dailyId, ROLES } from "../../local/seed.ts";
import { AZURE } from "../support/azure-of.ts";
import { doctorOf, HUGO } from "../support/doctor.ts";
import { edited, SAMPLE } from "../support/policy-text.ts";
import { emptyFolder } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

const MINUTE_MS = 60_000;

/** The same stack, wrong in twelve ways at once. */
describe("zs doctor, where twelve things are wrong", () => {
  const stack = useStack({ split: false });
  const { zs } = doctorOf(stack);
  const held = APPS.worker.permissions.filter((name) => name !== "AuditLog.Read.All");
  const hugo = { principalId: adminId(HUGO), roleDefinitionId: ROLES.applicationAdministrator[0] };
  const contributor = { role: "Contributor", scope: AZURE.subscription, principalId: dailyId(12) };
  const deployer = { role: "Website Contributor", scope: AZURE.site, principalId: dailyId(7) };

  it("names each, with what to do next", async () => {
    const seeds: readonly (readonly [string, string, object, string | RegExp])[] = [
      [
        "graph",
        "setApp",
        { id: APPS.worker.objectId, permissions: [...held, "Directory.ReadWrite.All"] },
        /lacks AuditLog/,
      ],
      ["graph", "settings", { dateSkewMs: -6 * MINUTE_MS }, "The clock is 6 min ahead"],
      ["graph", "addAssignment", hugo, /Hugo Brandt .* holds Application Administrator/],
      ["jira", "setSecret", { apiToken: "another" }, "jira cannot be used"],
      ["azure", "assign", contributor, /Liam Dorsey .* not listed and can deploy .*\(Contributor/],
      ["azure", "assign", deployer, /Grace Oduya .* not listed and can deploy .*\(Website Contributor/],
      [
        "azure",
        "change",
        { id: AZURE.audit, properties: { allowSharedKeyAccess: true } },
        "opens to whoever has its key",
      ],
      [
        "azure",
        "change",
        { id: `${AZURE.site}/basicPublishingCredentialsPolicies/scm`, properties: { allow: true } },
        "SCM is on",
      ],
      ["azure", "change", { id: AZURE.site, properties: { httpsOnly: false } }, "also takes http"],
      [
        "azure",
        "change",
        { id: `${AZURE.vault}/secrets/LINK-KEYS`, properties: { attributes: { exp: 1_700_000_000 } } },
        "LINK-KEYS in the vault",
      ],
      [
        "azure",
        "remove",
        { id: `${AZURE.audit}/blobServices/default/containers/audit/immutabilityPolicies/default` },
        "is under no retention",
      ],
    ];
    for (const [part, operation, parameters] of seeds) await stack().call(part, operation, { ...parameters });
    const { exitCode, stdout } = await zs();
    const faults = stdout.split("\n").filter((line) => line.startsWith("FAULT"));
    expect(exitCode).toBe(1);
    expect(faults).toHaveLength(12);
    for (const [, , , words] of seeds) expect(faults.filter((line) => new RegExp(words).test(line))).toHaveLength(1);
    expect(faults.filter((line) => line.includes("has Directory.ReadWrite.All (tier 0)"))).toHaveLength(1);
    expect(stdout.split("\n").filter((line) => /^ {2}next: \S/.test(line)).length).toBeGreaterThanOrEqual(12);
  });
});

describe("zs doctor on a policy that was written for another tenant and another bus", () => {
  const folder = emptyFolder();
  const policy = join(folder, "policy");
  mkdirSync(policy);
  writeFileSync(
    join(policy, "roles.yaml"),
    edited(
      edited(
        SAMPLE.roles,
        "tenant: 10000000-0000-4000-8000-000000000001",
        "tenant: 20000000-0000-4000-8000-000000000002",
      ),
      "  oncall: {",
      "  vendor: { people: [all], roles: [Exchange Administrator], open: 1 }\n  oncall: {",
    ),
  );
  writeFileSync(join(policy, "people.yaml"), SAMPLE.people);
  const stack = useStack({ split: false, settings: { POLICY_DIRECTORY: policy } });
  const { found } = doctorOf(stack);

  it("names both tenants, and a queue of the policy that is not there", async () => {
    expect(await found()).toEqual([
      "queues: The queue or topic requests-vendor cannot be used: [Misconfigured] service bus requests-vendor: MessagingEntityNotFound.",
      "policy: The policy is for tenant 20000000-0000-4000-8000-000000000002, the setting TENANT_ID is tenant 10000000-0000-4000-8000-000000000001.",
      "policy: The policy is for tenant 20000000-0000-4000-8000-000000000002, the identity of the app is tenant 10000000-0000-4000-8000-000000000001.",
      "settings: The app zero-standing has a TENANT_ID of another tenant than the policy's.",
    ]);
  });
});
