import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { APPS, RESOURCE_GROUP } from "../../local/seed.ts";
import { AZURE, azureOf } from "../support/azure-of.ts";
import { DEV, doctorOf } from "../support/doctor.ts";
import { edited } from "../support/policy-text.ts";
import { emptyFolder } from "../support/run-zs.ts";
import { useStack } from "../support/stack.ts";

describe("zs doctor, of the resources in Azure", () => {
  const stack = useStack({ split: false });
  const { zs, found } = doctorOf(stack);
  const { withProperties } = azureOf(stack, found);

  it("names shared keys that open the storage", async () => {
    expect(await withProperties(AZURE.audit, { allowSharedKeyAccess: true })).toEqual([
      "resources: The storage account zerostandingaudit opens to whoever has its key.",
    ]);
    expect(await withProperties(AZURE.audit, { isLocalUserEnabled: true, allowCrossTenantReplication: true })).toEqual([
      "resources: The storage account zerostandingaudit lets local users in, by a password of their own.",
      "resources: The storage account zerostandingaudit may be copied to another tenant.",
    ]);
    const vault = AZURE.vault;
    expect(await withProperties(vault, { enabledForTemplateDeployment: true })).toEqual([
      "resources: The vault zero-standing hands secrets to templates, for whoever may deploy them with it.",
    ]);
  });

  it("names a retention of the audit copy that is not locked, or not there", async () => {
    const policy = `${AZURE.audit}/blobServices/default/containers/audit/immutabilityPolicies/default`;
    expect(await withProperties(policy, { state: "Unlocked" })).toEqual([
      "immutability: The copy of the audit trail, zerostandingaudit/audit, is under a retention that is not locked (Unlocked): it can be changed.",
    ]);
  });

  it("names a retention of the audit copy under which no line can be added, before it is locked and after", async () => {
    const policy = `${AZURE.audit}/blobServices/default/containers/audit/immutabilityPolicies/default`;
    const closed = { allowProtectedAppendWrites: false };
    const fault =
      "immutability: The copy of the audit trail, zerostandingaudit/audit, is under a retention that lets no line be added (allowProtectedAppendWrites is off): the trail is not copied there.";
    expect(await withProperties(policy, closed)).toEqual([fault]);
    expect(await withProperties(policy, { ...closed, state: "Unlocked" })).toEqual([
      fault,
      expect.stringContaining("a retention that is not locked (Unlocked)"),
    ]);
    expect(await withProperties(policy, { ...closed, allowProtectedAppendWritesAll: true })).toEqual([]);
  });

  it("names publishing passwords that are taken, and apps that take http", async () => {
    expect(await withProperties(`${AZURE.site}/basicPublishingCredentialsPolicies/scm`, { allow: true })).toEqual([
      "resources: The app zero-standing takes deployments with a publishing password (basic authentication of SCM is on).",
    ]);
    expect(await withProperties(AZURE.site, { httpsOnly: false })).toEqual([
      "resources: The app zero-standing also takes http.",
    ]);
  });

  const SETTINGS = `${AZURE.site}/config/appsettings`;

  it.each<[string, string, string]>([
    ["NODE_OPTIONS", "--require /tmp/a.js", "has the setting NODE_OPTIONS, which changes what code the app runs"],
    [
      "languageWorkers__node__arguments",
      "--inspect",
      "has the setting languageWorkers__node__arguments, which changes what code the app runs",
    ],
    [
      "WEBSITE_RUN_FROM_PACKAGE",
      "https://elsewhere.example/a.zip",
      "has the setting WEBSITE_RUN_FROM_PACKAGE, which says where the app's code comes from",
    ],
    ["AzureWebJobsStorage", "AccountKey=c2VjcmV0", "has the setting AzureWebJobsStorage, which opens the host's storage with a key"], // prettier-ignore
    ["AZURE_CLIENT_SECRET", "c2VjcmV0", "has the setting AZURE_CLIENT_SECRET, which makes the app act as another identity, or get its tokens elsewhere"], // prettier-ignore
    ["SOMETHING", "c2VjcmV0", "has the setting SOMETHING, which nothing of this system reads"],
    ["MAC_KEYS", "1:c2VjcmV0", "holds MAC_KEYS in plain: whoever may list its settings reads it"],
    ["MAC_KEYS", "@Microsoft.KeyVault(SecretUri=https://another.vault.azure.net/secrets/MAC-KEYS)", "takes MAC_KEYS from a vault that is not in this resource group"], // prettier-ignore
    ["GRAPH_URL", "https://graph.elsewhere.example", "has a GRAPH_URL that is no cloud's of Microsoft"],
    ["STORAGE_TABLE_URL", "https://zerostanding.table.core.windows.net.elsewhere.example", "has a STORAGE_TABLE_URL that is not in this resource group"], // prettier-ignore
    ["APP_PART", "worker", "was deployed as all and runs as worker (APP_PART)"],
  ])("names what the setting %s does, and never its value", async (setting, value, text) => {
    const faults = await withProperties(SETTINGS, { [setting]: value }, { look: () => found() });
    expect(faults).toContain(`settings: The app zero-standing ${text}.`);
    const { stdout } = await withSetting(setting, value, () => zs(["--json"]));
    if (setting !== "APP_PART") expect(stdout).not.toContain(value);
  });

  /** What comes of something while a setting is another one. */
  async function withSetting<T>(setting: string, value: string, look: () => Promise<T>): Promise<T> {
    const outcome: T[] = [];
    await withProperties(
      SETTINGS,
      { [setting]: value },
      {
        look: async () => {
          outcome.push(await look());
          return [];
        },
      },
    );
    return outcome[0] as T;
  }

  it("lets a setting be that the file lists, with the reason", async () => {
    const file = join(emptyFolder(), "permissions.yaml");
    const text = readFileSync("infra/permissions.yaml", "utf8");
    writeFileSync(file, edited(text, "settings: {}", "settings: { WEBSITE_TIME_ZONE: reports are read in Vienna }"));
    const { exitCode } = await withSetting("WEBSITE_TIME_ZONE", "W. Europe", () => zs(["--permissions", file]));
    expect(exitCode).toBe(0);
    expect((await withSetting("WEBSITE_TIME_ZONE", "W. Europe", () => zs())).exitCode).toBe(1);
  });

  it("says that settings were not looked at where the caller may not list them, and what is needed", async () => {
    expect(await found("fault", DEV)).toEqual([]);
    expect(await found("warning", DEV)).toEqual([
      "settings: The settings of the app zero-standing were not looked at: who asks may not list them.",
    ]);
    const { exitCode, stdout } = await zs([], DEV, DEV);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/WARNING {2}azure settings: .*\n {2}next: .* Microsoft\.Web\/sites\/config\/list\/action /);
    expect(stdout).not.toMatch(/azure settings: The app zero-standing has \d+ settings/);
  });

  it("names connection strings and mounted storage", async () => {
    expect(
      await withProperties(`${AZURE.site}/config/connectionstrings`, { AzureWebJobsStorage: { value: "x" } }),
    ).toEqual([
      "settings: The app zero-standing has the connection string AzureWebJobsStorage, which the host takes for a setting.",
    ]);
    expect(await withProperties(`${AZURE.site}/config/azurestorageaccounts`, { wwwroot: { shareName: "x" } })).toEqual([
      "settings: The app zero-standing has the mounted storage wwwroot: code can come from there.",
    ]);
  });

  it("names debugging from outside, a start-up command, a second identity, and code from elsewhere", async () => {
    const config = `${AZURE.site}/config/web`;
    expect(await withProperties(config, { remoteDebuggingEnabled: true })).toEqual([
      "resources: The app zero-standing lets debuggers in from outside.",
    ]);
    expect(await withProperties(config, { appCommandLine: "node /tmp/a.js" })).toEqual([
      "resources: The app zero-standing has a start-up command, which runs other code.",
    ]);
    const userAssignedIdentities = {
      [AZURE.sweeper]: { principalId: APPS.sweeper.objectId, clientId: APPS.sweeper.clientId },
    };
    const identity = {
      type: "SystemAssigned, UserAssigned",
      principalId: APPS.worker.objectId,
      userAssignedIdentities,
    };
    expect(await withProperties(AZURE.site, {}, { identity })).toEqual([
      "resources: The app zero-standing has 2 identities: its code chooses as which it acts.",
    ]);
    const other = AZURE.sweeper.replace(RESOURCE_GROUP, "another");
    const alone = { type: "UserAssigned", userAssignedIdentities: { [other]: { principalId: APPS.worker.objectId } } };
    expect(await withProperties(AZURE.site, {}, { identity: alone })).toEqual([
      "resources: The app zero-standing runs as the identity zero-standing-sweeper of another resource group: who can act as that is not looked at.",
    ]);
    const storage = { value: "https://elsewhere.blob.core.windows.net/package" };
    expect(await withProperties(AZURE.site, { functionAppConfig: { deployment: { storage } } })).toEqual([
      "resources: The app zero-standing takes its code from storage that is not in this resource group.",
    ]);
  });

  it("names what can be reached from any network where access is private", async () => {
    const faults = await withProperties(`${AZURE.group}/providers/Microsoft.Network/privateEndpoints/pe-tables`, {});
    expect(faults).toHaveLength(5);
    for (const fault of faults)
      expect(fault).toMatch(/can be reached from any network, although the installation has private endpoints\.$/);
  });

  it("names a deployment slot", async () => {
    expect(await withProperties(`${AZURE.site}/slots/staging`, {})).toEqual([
      "resources: The app has a deployment slot, staging: what runs there is not looked at.",
    ]);
  });

  it("names a key that expired", async () => {
    const id = `${AZURE.vault}/secrets/MAC-KEYS`;
    const exp = Math.floor(stack().clock.now() / 1_000) - 3_600;
    expect(await withProperties(id, { attributes: { enabled: true, exp } })).toEqual([
      expect.stringMatching(/^keys: MAC-KEYS in the vault zero-standing expired on \d{4}-\d\d-\d\d\.$/),
    ]);
  });

  it("names tokens of others that an identity is given for", async () => {
    const id = `${AZURE.sweeper}/federatedIdentityCredentials/github`;
    const properties = {
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/other:ref:main",
    };
    expect(await withProperties(id, properties)).toEqual([
      "resources: The identity zero-standing-sweeper is given to whoever https://token.actions.githubusercontent.com calls repo:contoso/other:ref:main.",
    ]);
  });
});
