import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { APPS, dailyId, GROUPS, PIPELINE } from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { AZURE, azureOf } from "../support/azure-of.ts";
import { doctorOf, HUGO } from "../support/doctor.ts";
import { edited } from "../support/policy-text.ts";
import { emptyFolder, spawnZs } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

describe("zs doctor, of who can take over by rights in Azure", () => {
  const stack = useStack({ split: false });
  const { zs, found } = doctorOf(stack);
  const { control, withRole, withProperties } = azureOf(stack, found);

  it("names everybody who can, by the rights at the resources and above them", async () => {
    const { exitCode, stdout } = await zs();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${PIPELINE.name} (${PIPELINE.objectId}), listed: deploys from main, after two reviews`);
    expect(stdout).toMatch(/can deploy to or configure the apps, act as the identities, .* \(Contributor at /);
    expect(stdout).toMatch(/can give anybody rights, .* \(Owner at /);
    expect(stdout).not.toContain("Jonas Weil"); // reads only
    expect(stdout).not.toContain(APPS.worker.objectId.concat("), NOT LISTED"));
  });

  it("reads lists of rights to the end", async () => {
    const whole = (await zs()).stdout;
    await control("settings", { pageSize: 2 });
    expect((await zs()).stdout).toBe(whole);
    await control("settings", { pageSize: 100 });
  });

  it("names who can deploy to the app, and is not listed", async () => {
    expect(await withRole("Website Contributor", AZURE.site, dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can deploy to or configure the apps (Website Contributor at ${AZURE.site}).`,
    ]);
  });

  it("names who can by a right at the subscription, and at the root of the tenant", async () => {
    const [fault] = await withRole("Contributor", AZURE.subscription, dailyId(HUGO));
    expect(fault).toMatch(
      /Hugo Brandt .* is not listed and can deploy to .* \(Contributor at \/subscriptions\/[^/]+\)\.$/,
    );
    expect(await withRole("User Access Administrator", "/", dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can give anybody rights (User Access Administrator at /).`,
    ]);
  });

  it("names who can by a right at something inside a resource", async () => {
    const [fault] = await withRole("Owner", `${AZURE.audit}/blobServices/default/containers/audit`, dailyId(HUGO));
    expect(fault).toMatch(
      /Hugo Brandt .* is not listed and can give anybody rights, take over the storage \(Owner at /,
    );
  });

  it("names who can only activate a role that can", async () => {
    const [fault] = await withRole("Owner", AZURE.group, dailyId(HUGO), { eligible: true });
    expect(fault).toMatch(/Hugo Brandt .* is not listed and can activate what lets it give anybody rights, /);
  });

  it("names who can only activate a right above the resources, or membership of a group that has one", async () => {
    const [above] = await withRole("Owner", AZURE.subscription, dailyId(HUGO), { eligible: true });
    expect(above).toMatch(
      /Hugo Brandt .* is not listed and can activate what lets it give anybody rights, .*Owner at /,
    );
    const id = GROUPS.emptyApprovers;
    const eligible = [{ principalId: dailyId(HUGO), accessId: "member" }];
    await stack().call("graph", "setGroup", { id, eligible });
    const [through, ...others] = await withRole("Owner", AZURE.group, id, { principalType: "Group" });
    await stack().call("graph", "setGroup", { id, eligible: [] });
    expect(through).toMatch(/Hugo Brandt .* can become a member of Approvers of nothing, which can give anybody/);
    expect(others).toEqual([]);
  });

  it("names the members of a group that can, each", async () => {
    const faults = await withRole("Key Vault Administrator", AZURE.group, GROUPS.directoryOwners, {
      principalType: "Group",
    });
    expect(faults).toEqual(
      ["Dev Patel", "Hugo Brandt"].map((name): unknown =>
        expect.stringMatching(
          new RegExp(
            `^administrators: ${name} .* is a member of Directory owners, which can read or change the secrets`,
          ),
        ),
      ),
    );
  });

  it("names whom of another tenant the subscription or the group is delegated to", async () => {
    const role = "de139f84-1756-47ae-9be6-808fbbe84772"; // Website Contributor
    const principalId = "99000000-0000-4000-8000-000000000001";
    const managed = { principalId, principalIdDisplayName: "Operations", roleDefinitionId: role };
    const properties = (eligible: boolean): object => ({
      registrationDefinition: {
        properties: {
          managedByTenantName: "Fabrikam",
          ...(eligible ? { eligibleAuthorizations: [managed] } : { authorizations: [managed] }),
        },
      },
    });
    for (const scope of [AZURE.subscription, AZURE.group]) {
      const id = `${scope}/providers/Microsoft.ManagedServices/registrationAssignments/1`;
      expect(await withProperties(id, properties(false))).toEqual([
        `administrators: Operations of the tenant Fabrikam (${principalId}) is not listed and can deploy to or configure the apps (Website Contributor at ${scope}).`,
      ]);
      expect(await withProperties(id, properties(true))).toEqual([
        expect.stringContaining("is not listed and can activate what lets it deploy to or configure the apps"),
      ]);
    }
    await control("faults", { path: "/registrationAssignments", fault: { kind: "status", status: 403 } });
    expect(await found("warning")).toEqual([
      expect.stringMatching(/^resources: What .* delegates to other tenants \(Lighthouse\) was not looked at\.$/),
    ]);
  });

  it("names a group that many can join, besides who is in it", async () => {
    const faults = await withRole("Website Contributor", AZURE.site, GROUPS.onCall, { principalType: "Group" });
    expect(faults).toContainEqual(
      expect.stringMatching(
        /^administrators: On call .* is not listed and can deploy .*; is not role-assignable, so that whoever may change/,
      ),
    );
    expect(faults).toHaveLength(5); // and Ben, Liam, and two of the group inside
  });

  it("names what the policy calls an identity of ours, and no app runs as, where it has a permission of tier 0", async () => {
    const { id, permissions } = { id: APPS.sweeper.objectId, permissions: APPS.sweeper.permissions };
    const set = (more: readonly string[]): Promise<unknown> =>
      stack().call("graph", "setApp", { id, permissions: [...permissions, ...more] });
    await set(["RoleManagement.ReadWrite.Directory"]);
    const faults = await found();
    await set([]);
    expect(faults).toEqual([
      `administrators: zero-standing-sweeper (${id}) is not listed and has RoleManagement.ReadWrite.Directory.`,
    ]);
  });

  it("names who owns the pipeline that can, by its app registration", async () => {
    const { apps } = (await stack().call("graph", "state")) as { apps: { id: string; registration: object }[] };
    const { registration = {} } = apps.find(({ id }) => id === PIPELINE.objectId) ?? {};
    const set = (ownerIds: readonly string[]): Promise<unknown> =>
      stack().call("graph", "setApp", { id: PIPELINE.objectId, registration: { ...registration, ownerIds } });
    await set([dailyId(HUGO)]);
    const [fault, ...others] = await found();
    await set([]);
    expect(fault).toMatch(
      /^administrators: Hugo Brandt .* is not listed and owns zero-standing-pipeline, which can deploy/,
    );
    expect(others).toEqual([]);
  });

  it("names who can act as the identities, or read the keys of the storage", async () => {
    const [operator] = await withRole("Managed Identity Operator", AZURE.sweeper, dailyId(HUGO));
    expect(operator).toContain("can act as the identities (Managed Identity Operator at ");
    const [keys] = await withRole("Storage Account Key Operator Service Role", AZURE.audit, dailyId(HUGO));
    expect(keys).toContain("can take over the storage (Storage Account Key Operator Service Role at ");
  });

  it("lets our own identities work with what is stored, and no more", async () => {
    expect(await withRole("Storage Table Data Contributor", AZURE.audit, APPS.worker.objectId)).toEqual([]);
    expect(await withRole("Storage Table Data Contributor", AZURE.audit, APPS.sweeper.objectId)).toHaveLength(1);
    const [fault] = await withRole("Contributor", AZURE.site, APPS.worker.objectId, {
      principalType: "ServicePrincipal",
    });
    expect(fault).toMatch(/zero-standing-worker .* is not listed and can deploy to or configure the apps/);
  });

  it.each([
    ["Storage Blob Data Contributor", "Microsoft.Storage/storageAccounts/zerostandinghub", "take over the storage"],
    [
      "Storage Queue Data Message Processor",
      "Microsoft.Storage/storageAccounts/zerostandinghub",
      "take over the storage",
    ],
    ["Azure Service Bus Data Owner", "Microsoft.ServiceBus/namespaces/zero-standing", "send messages as any system"],
    ["Azure Service Bus Data Sender", "Microsoft.ServiceBus/namespaces/zero-standing/queues/ticket-events", "send messages as any system"], // prettier-ignore
    ["Key Vault Secrets Officer", "Microsoft.KeyVault/vaults/zero-standing/secrets/MAC-KEYS", "read or change the secrets"], // prettier-ignore
    ["Key Vault Crypto User", "Microsoft.KeyVault/vaults/zero-standing/keys/checkpoint", "read or change the secrets"],
  ])("names who has the role %s at %s", async (role, resource, can) => {
    const scope = `${AZURE.group}/providers/${resource}`;
    expect(await withRole(role, scope, dailyId(HUGO))).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can ${can} (${role} at ${scope}).`,
    ]);
  });

  it("lets a system send that is listed for that, and have no other right", async () => {
    const file = join(emptyFolder(), "permissions.yaml");
    const entry = `administrators:\n  - { principal: ${APPS.daemon.objectId}, name: chatbot, because: sends, only: messages }`;
    writeFileSync(file, edited(readFileSync("infra/permissions.yaml", "utf8"), "administrators:", entry));
    const bus = `${AZURE.group}/providers/Microsoft.ServiceBus/namespaces/zero-standing`;
    const queue = `${bus}/queues/requests-chatbot`;
    const asked: unknown[] = [];
    for (const role of ["Azure Service Bus Data Sender", "Azure Service Bus Data Owner"])
      await withRole(role, queue, APPS.daemon.objectId, { principalType: "ServicePrincipal" }, async () => {
        asked.push((await zs(["--permissions", file])).exitCode);
        return [];
      });
    expect(asked).toEqual([0, 1]);
  });

  it("names who may work with the hub of a Durable Task Scheduler", async () => {
    const scheduler = `${AZURE.group}/providers/Microsoft.DurableTask/schedulers/dts-zero-standing`;
    const role = "Durable Task Data Contributor";
    const scope = `${scheduler}/taskHubs/ZeroStanding`;
    const look = (): Promise<readonly string[]> => withRole(role, scope, dailyId(HUGO));
    expect(await withProperties(scheduler, {}, { look })).toEqual([
      `administrators: Hugo Brandt (${dailyId(HUGO)}) is not listed and can start, wake and stop orchestrations (${role} at ${scope}).`,
    ]);
  });

  it("names who can by a custom role, by its patterns", async () => {
    await control("defineRole", { name: "Support", actions: ["*/read", "Microsoft.Web/*/config/*"], notActions: [] });
    const [fault] = await withRole("Support", AZURE.subscription, dailyId(HUGO));
    expect(fault).toMatch(/Hugo Brandt .* can deploy to or configure the apps \(Support at /);
    const notActions = ["Microsoft.Web/sites/config/*", "Microsoft.Web/sites/host*"];
    const actions = ["Microsoft.Web/*/config/*"];
    await control("defineRole", { name: "Support", actions, notActions });
    expect(await withRole("Support", AZURE.subscription, dailyId(HUGO))).toEqual([]);
  });

  it("finds the running stack by itself, and looks at Azure with the sign-in of zs login", async () => {
    const directory = emptyFolder();
    mkdirSync(join(directory, ".local"));
    copyFileSync(join(stack().dataDirectory, "stack.json"), join(directory, ".local", "stack.json"));
    let browser: Promise<unknown> | undefined;
    const signIn = async (line: string): Promise<void> => {
      const dev = { userName: "dev.patel@contoso.example" };
      const outcome = await new BrowserlessSignIn().signIn(line.replace("Sign in here: ", ""), dev);
      if (outcome.kind === "redirect") await fetch(outcome.url.replace("//localhost:", "//127.0.0.1:"));
    };
    const onStderr = (text: string): void => {
      if (text.includes("\n")) browser ??= signIn(text.slice(0, text.indexOf("\n")));
    };
    expect((await spawnZs(["login", "--no-browser"], { directory, onStderr })).exitCode).toBe(0);
    await browser;
    const { exitCode, stdout, stderr } = await spawnZs(["doctor"], { directory });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/azure resources: \d+ resources and \d+ rights were read\./);
    const elsewhere = await spawnZs(["doctor"], { directory, env: { AZURE_ACCESS_TOKEN: "another" } });
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.stdout).toMatch(/FAULT {2}azure resources: Azure was not looked at: .* answers 401\./);
  });

  it("says that Azure was not looked at, and never that it is well", async () => {
    expect((await zs([], 3)).exitCode).toBe(0); // Cora, who may read
    const faults = await withRole("Reader", AZURE.group, dailyId(HUGO), {}, async () => {
      await control("faults", { path: "/resources", fault: { kind: "status", status: 403 } });
      return found();
    });
    expect(faults).toEqual([
      expect.stringMatching(/^resources: Azure was not looked at: .*\/resources answers 403\.$/),
    ]);
  });
});
