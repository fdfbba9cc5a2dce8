import { describe, expect, it } from "vitest";
import { judgeAppSettings, type AppToJudge, type Around } from "../../../../cli/doctor/azure/app-settings.ts";
import { KEYS, KNOWN } from "../../../../cli/doctor/azure/known-settings.ts";
import { judgeDeployment, judgeInbound } from "../../../../cli/doctor/azure/site-properties.ts";
import { readPermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import { at, deployed, type Resource } from "../../../../infra/check/deployment.ts";
import { SCENARIOS, type ScenarioName } from "../../../../infra/check/scenarios.ts";
import {
  COMMON,
  FRONT,
  JIRA_API,
  JIRA_HOOK,
  SECRETS,
  SERVICENOW_API,
  SERVICENOW_HOOK,
  SWEEPER,
  WORKER,
} from "../../../../shared/config/parts.ts";

const FILE = readPermissionsFile(undefined);
const TENANT = "10000000-0000-4000-8000-000000000001";

const around = (changes: Partial<Around> = {}): Around => ({
  vaults: new Set(["kv-worker"]),
  accounts: new Set(["sttables"]),
  buses: new Set(["sb-1"]),
  schedulers: new Set(["dts-1"]),
  tenantId: TENANT,
  file: FILE,
  ...changes,
});
const app = (settings: Readonly<Record<string, string>>, changes: Partial<AppToJudge> = {}): AppToJudge => ({
  id: "/app",
  name: "func-1",
  deployedAs: undefined,
  clientIds: [],
  settings: { APP_PART: "worker", ...settings },
  ...changes,
});
const said = (settings: Readonly<Record<string, string>>, changes: Partial<AppToJudge> = {}): readonly string[] =>
  judgeAppSettings(app(settings, changes), around()).map(({ result, text }) => `${result}: ${text}`);
/** What an app has that runs the sweeper. */
const SWEEPS = {
  CHECKPOINT_KEY_ID: "https://kv-worker.vault.azure.net/keys/checkpoint",
  AUDIT_COPY_URL: "https://sttables.blob.core.windows.net/audit",
};
const reference = (name: string, vault = "kv-worker"): string =>
  `@Microsoft.KeyVault(SecretUri=https://${vault}.vault.azure.net/secrets/${name})`;

describe("the settings of an app in Azure", () => {
  it("are well where they are secrets of its own, from a vault of the installation, in either form", () => {
    expect(said({ MAC_KEYS: reference("MAC-KEYS") })).toEqual([]);
    expect(said({ MAC_KEYS: reference("MAC-KEYS/0123456789abcdef") })).toEqual([]);
    expect(said({ MAC_KEYS: "@Microsoft.KeyVault(VaultName=KV-worker;SecretName=MAC-KEYS)" })).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["a key that whoever lists settings reads", "1:c2VjcmV0", "holds MAC_KEYS in plain: whoever may list its settings reads it"], // prettier-ignore
    ["half a reference", "@Microsoft.KeyVault(SecretUri=", "holds MAC_KEYS in plain: whoever may list its settings reads it"], // prettier-ignore
    ["another vault", reference("MAC-KEYS", "mine"), "takes MAC_KEYS from a vault that is not in this resource group"],
    ["a host that only begins like a vault", "@Microsoft.KeyVault(SecretUri=https://kv-worker.vault.azure.net.evil.example/secrets/MAC-KEYS)", "takes MAC_KEYS from a vault that is not in this resource group"], // prettier-ignore
    ["a secret that others read", reference("LINK-KEYS"), "takes MAC_KEYS from a secret of another name"],
  ])("are a fault with %s", (_name, value, text) => {
    expect(said({ MAC_KEYS: value })).toEqual([`fault: The app func-1 ${text}.`]);
  });

  it("are a fault with the secret of another part", () => {
    expect(said({ APP_PART: "front", MAC_KEYS: reference("MAC-KEYS") })).toEqual([
      "fault: The app func-1 is the front and has MAC_KEYS, a secret of the worker.",
    ]);
    expect(said({ APP_PART: "all", MAC_KEYS: reference("MAC-KEYS"), ...SWEEPS })).toEqual([]);
  });

  it("are a fault with a part that is none, or is not the one that was deployed", () => {
    expect(said({ APP_PART: "everything" })).toEqual(["fault: The app func-1 has an APP_PART that no part is called."]);
    expect(said({}, { deployedAs: "front" })).toEqual([
      "fault: The app func-1 was deployed as front and runs as worker (APP_PART).",
    ]);
    expect(said({ APP_PART: " ", ...SWEEPS }, { deployedAs: "all" })).toEqual([]);
  });

  it.each([
    ["STORAGE_TABLE_URL", "https://sttables.table.core.windows.net", "https://other.table.core.windows.net"],
    ["STORAGE_TABLE_URL", "https://sttables.z1.table.storage.azure.net/", "https://sttables.evil.example"],
    ["AzureWebJobsStorage__accountName", "sttables", "other"],
    ["SERVICE_BUS__fullyQualifiedNamespace", "sb-1.servicebus.windows.net", "sb-1.evil.example"],
    ["CHECKPOINT_KEY_ID", "https://kv-worker.vault.azure.net/keys/checkpoint", "https://mine.vault.azure.net/keys/c"],
    ["GRAPH_URL", "https://graph.microsoft.com", "https://graph.microsoft.com.evil.example"],
    ["LOGIN_URL", "https://login.microsoftonline.us/", "https://login.evil.example"],
    ["TENANT_ID", TENANT.toUpperCase(), "20000000-0000-4000-8000-000000000002"],
    ["AZURE_CLIENT_ID", "c7", "c8"],
    [
      "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
      "Endpoint=https://dts-1-abcd.westeurope.durabletask.io;TaskHub=ZeroStanding;Authentication=ManagedIdentity",
      "Endpoint=https://dts-1-abcd.evildurabletask.io;TaskHub=ZeroStanding;Authentication=ManagedIdentity",
    ],
  ])("are a fault where %s leads elsewhere", (setting, well, elsewhere) => {
    expect(said({ [setting]: well }, { clientIds: ["c7"] })).toEqual([]);
    expect(said({ [setting]: elsewhere }, { clientIds: ["c7"] })).toEqual([
      expect.stringMatching(new RegExp(`^fault: The app func-1 has a ${setting} (that|of)`)),
    ]);
  });

  it("only warn of an audit copy in another place, which may be the better one", () => {
    expect(said({ AUDIT_COPY_URL: "https://staudit.blob.core.windows.net/audit" })).toEqual([
      "warning: The app func-1 copies the audit trail to where this look does not reach (AUDIT_COPY_URL).",
    ]);
  });

  it("are a fault where the audit copy is where nobody looks, or nowhere, and where nothing is signed", () => {
    const sweeper = (settings: Readonly<Record<string, string>>): readonly string[] =>
      said({ APP_PART: "sweeper", ...SWEEPS, ...settings });
    expect(sweeper({})).toEqual([]);
    expect(sweeper({ AUDIT_COPY_URL: "https://sttables.blob.core.windows.net/copies" })).toEqual([
      "fault: The app func-1 has a AUDIT_COPY_URL of a container that does not begin with audit, so that its retention is not looked at.",
    ]);
    expect(sweeper({ AUDIT_COPY_URL: " " })).toEqual([
      "fault: The app func-1 copies the audit trail nowhere (AUDIT_COPY_URL).",
    ]);
    expect(sweeper({ CHECKPOINT_KEY_ID: "" })).toEqual([
      "fault: The app func-1 signs no checkpoints (CHECKPOINT_KEY_ID).",
    ]);
  });

  it("are a fault with a key inside of a setting that should have none", () => {
    for (const key of ["AccountKey=c2VjcmV0", "SharedAccessKey=c2VjcmV0", "https://a.example?sv=1&sig=c2VjcmV0"])
      expect(said({ STORAGE_TABLE_URL: key })).toEqual([
        "fault: The app func-1 has a key in the setting STORAGE_TABLE_URL.",
      ]);
  });

  it("put no name into a command that a shell would obey, and no value into any text", () => {
    const [found] = judgeAppSettings(app({ "A;rm -rf ~": "c2VjcmV0" }), around());
    expect(found?.next).toMatch(/^Remove it in the portal;/);
    expect(JSON.stringify(found)).not.toContain("c2VjcmV0");
  });

  it("know every setting that the app reads", () => {
    const shapes = [COMMON, FRONT, WORKER, SWEEPER, SERVICENOW_API, SERVICENOW_HOOK, JIRA_API, JIRA_HOOK];
    const secrets = new Set([...Object.values(SECRETS).flat(), ...KEYS]);
    const names = shapes.flatMap(({ shape }) => Object.keys(shape));
    expect(names.filter((name) => !KNOWN.has(name) && !secrets.has(name))).toEqual([]);
    expect([...secrets].filter((name) => KNOWN.has(name))).toEqual([]);
  });
});

/** What Azure puts in the place of an expression of the template. */
const inAzure = (value: string): string =>
  value
    .replace(
      /^\[format\('@Microsoft\.KeyVault\(SecretUri=\{0\}secrets\/\{1\}\)', reference\('[^']*\/vaults\/([^']+)', '[^']*'\)\.vaultUri, '([^']+)'\)\]$/,
      "@Microsoft.KeyVault(SecretUri=https://$1.vault.azure.net/secrets/$2)",
    )
    .replace(/^\[.*\/vaults\/([^']+)'.*'keys'?.*\]$/, "https://$1.vault.azure.net/keys/checkpoint")
    .replace(/^\[format\('\{0\}keys.*\/vaults\/([^']+)'.*\]$/, "https://$1.vault.azure.net/keys/checkpoint")
    .replace(
      /^\[.*\/storageAccounts\/([^']+)'.*primaryEndpoints\.(\w+)(?:, '([^']*)')?.*\]$/,
      "https://$1.$2.core.windows.net/$3",
    )
    .replace(/^\[.*\/schedulers\/([^']+)'.*\]$/, "Endpoint=https://$1-a.westeurope.durabletask.io;TaskHub=h");

describe.each(Object.keys(SCENARIOS) as ScenarioName[])("the apps of the template, in the form %s", (scenario) => {
  const resources = deployed(scenario);
  const named = (type: string): ReadonlySet<string> =>
    new Set(resources.filter((one) => one.type === type).map(({ name }) => name.toLowerCase()));
  const places = around({
    vaults: named("Microsoft.KeyVault/vaults"),
    accounts: named("Microsoft.Storage/storageAccounts"),
    buses: named("Microsoft.ServiceBus/namespaces"),
    schedulers: named("Microsoft.DurableTask/schedulers"),
  });
  const sites = resources.filter(({ type }) => type === "Microsoft.Web/sites");
  const settingsOf = (site: Resource): Readonly<Record<string, string>> => {
    const list = at(site, "siteConfig.appSettings") as readonly { readonly name: string; readonly value: string }[];
    return { ...Object.fromEntries(list.map(({ name, value }) => [name, inAzure(value)])), TENANT_ID: TENANT };
  };

  it("have no setting that is a fault", () => {
    const found = sites.flatMap((site) =>
      judgeAppSettings(app(settingsOf(site), { name: site.name, deployedAs: site.tags?.["part"] }), places),
    );
    expect(found).toEqual([]);
  });

  it("take their code from here, and nobody may call the worker and the sweeper", () => {
    const isPrivate = resources.some(({ type }) => type === "Microsoft.Network/privateEndpoints");
    const found = sites.flatMap((site) => {
      const { functionAppConfig, ...properties } = site.properties ?? {};
      const text = JSON.stringify(functionAppConfig).replace(/"\[format[^"]*\/storageAccounts\/([^']+)'[^"]*"/, '"https://$1.blob.core.windows.net/package"'); // prettier-ignore
      const config = properties["siteConfig"] as Readonly<Record<string, unknown>>;
      return [
        ...judgeDeployment(site.name, { functionAppConfig: JSON.parse(text) as unknown }, places),
        ...judgeInbound(site.name, { id: site.id, part: site.tags?.["part"], site: properties, config, isPrivate }),
      ];
    });
    expect(found).toEqual([]);
  });
});

describe("what may be called from outside", () => {
  const judged = (part: string, site: object, config: object, isPrivate = false) =>
    judgeInbound("The app func-1", {
      id: "/app",
      part,
      site: { ...site },
      config: { ...config },
      isPrivate,
    }).map(({ text }) => text);
  const shut = { ipSecurityRestrictionsDefaultAction: "Deny", ipSecurityRestrictions: [{ action: "Deny" }] };

  it("is the front, and neither the worker nor the sweeper", () => {
    const open = { ipSecurityRestrictionsDefaultAction: "Allow", ipSecurityRestrictions: [{ action: "Allow" }] };
    expect(judged("front", {}, open)).toEqual([]);
    for (const part of ["worker", "sweeper"]) {
      expect(judged(part, {}, shut)).toEqual([]);
      expect(judged(part, { publicNetworkAccess: "Disabled" }, open)).toEqual([]);
      expect(judged(part, {}, open)).toEqual([
        `The app func-1, the ${part}, can be called from outside: it answers nobody but the platform.`,
      ]);
    }
  });

  it("is not shut with one range let in, or with nothing said", () => {
    const some = { ...shut, ipSecurityRestrictions: [{ action: "Allow" }, { action: "Deny" }] };
    expect(judged("worker", {}, some)).toHaveLength(1);
    expect(judged("worker", {}, {})).toHaveLength(1);
  });

  it("is nothing but the front where access is private", () => {
    expect(judged("sweeper", { publicNetworkAccess: "Enabled" }, shut, true)).toHaveLength(1);
    expect(judged("sweeper", { publicNetworkAccess: "Disabled" }, shut, true)).toEqual([]);
  });
});

describe("where the code comes from", () => {
  const judged = (value: string, type?: string) =>
    judgeDeployment(
      "The app func-1",
      { functionAppConfig: { deployment: { storage: { value, authentication: { type } } } } },
      around(),
    ).map(({ text }) => text);

  it("is storage of this resource group, by an identity", () => {
    expect(judged("https://sttables.blob.core.windows.net/package", "SystemAssignedIdentity")).toEqual([]);
    expect(judged("https://other.blob.core.windows.net/package")).toHaveLength(1);
    expect(judged("https://sttables.evil.example/package")).toHaveLength(1);
    expect(judged("https://sttables.blob.core.windows.net/package", "StorageAccountConnectionString")).toHaveLength(1);
  });
});
