import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { SECRETS, SPLIT_PARTS, type SplitPart } from "../../../../shared/config/parts.ts";
import { parseSettings, SettingsError, type Settings } from "../../../../shared/config/settings.ts";

const pemPair = (namedCurve = "P-256"): { readonly publicKey: string; readonly privateKey: string } =>
  generateKeyPairSync("ec", {
    namedCurve,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const pair = pemPair();
const key = (id: number, bytes = 32): string => `${id}:${Buffer.alloc(bytes, id).toString("base64")}`;
const guid = (n: number): string => `10000000-0000-4000-8000-00000000000${n}`;
const AZURITE =
  "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;";

const COMPLETE = {
  PUBLIC_URL: "https://zs.contoso.example/",
  TENANT_ID: guid(1),
  API_AUDIENCE: guid(2),
  API_CLIENT_IDS: `${guid(3)}, ${guid(4)}`,
  SIGN_IN_CLIENT_ID: guid(5),
  SIGN_IN_CLIENT_SECRET: "hidden-sign-in",
  STORAGE_CONNECTION: AZURITE,
  MAC_KEYS: `${key(2)},${key(1)}`,
  LINK_KEYS: key(0),
  WORKER_PRIVATE_KEY: pair.privateKey,
  SERVICENOW_URL: "https://contoso.service-now.example",
  SERVICENOW_CLIENT_ID: "zero-standing",
  SERVICENOW_CLIENT_SECRET: "hidden-servicenow",
  SERVICENOW_WEBHOOK_SECRETS: "hidden-hook-1,hidden-hook-2",
  JIRA_URL: "https://contoso.atlassian.example",
  JIRA_USER: "zs@contoso.example",
  JIRA_API_TOKEN: "hidden-jira",
  JIRA_WEBHOOK_SECRETS: "hidden-hook-3",
  MAIL_SENDER: guid(6),
  TASK_HUB_NAME: "ZeroStanding",
};

const COMMON = ["PUBLIC_URL", "TENANT_ID", "STORAGE_CONNECTION", "LINK_KEYS", "TASK_HUB_NAME"];
const TICKETS = [
  "SERVICENOW_URL",
  "SERVICENOW_CLIENT_ID",
  "SERVICENOW_CLIENT_SECRET",
  "JIRA_URL",
  "JIRA_USER",
  "JIRA_API_TOKEN",
];
/** What each part needs, and no more. */
const NEEDS: Readonly<Record<SplitPart, readonly string[]>> = {
  front: [
    "API_AUDIENCE",
    "API_CLIENT_IDS",
    "SIGN_IN_CLIENT_ID",
    "SIGN_IN_CLIENT_SECRET",
    "SERVICENOW_WEBHOOK_SECRETS",
    "JIRA_WEBHOOK_SECRETS",
  ],
  worker: ["SIGN_IN_CLIENT_ID", "WORKER_PRIVATE_KEY", "MAC_KEYS", "MAIL_SENDER", ...TICKETS],
  sweeper: ["MAIL_SENDER", ...TICKETS],
};
const BUS = "Endpoint=sb://zs.servicebus.windows.net;SharedAccessKeyName=a;SharedAccessKey=b";
const ofPart = (part: SplitPart): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(COMPLETE).filter(([name]) => [...COMMON, ...NEEDS[part]].includes(name))),
  ...(part === "front" ? { WORKER_PUBLIC_KEY: pair.publicKey } : {}),
  APP_PART: part,
  SERVICE_BUS: BUS,
});

const settingsWith = (changes: Readonly<Record<string, string | undefined>>): Settings =>
  parseSettings({ ...COMPLETE, ...changes });

const foreignTo = (part: SplitPart): readonly string[] => [
  ...new Set(
    Object.values(SECRETS)
      .flat()
      .filter((name) => !SECRETS[part].includes(name)),
  ),
];

const namesOfProblems = (changes: Readonly<Record<string, string | undefined>>): readonly string[] =>
  namesIn(() => settingsWith(changes));

const namesIn = (parse: () => unknown): readonly string[] => {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ name }) => name);
    throw error;
  }
};

describe("parseSettings", () => {
  it("reads a complete environment and fills in the public cloud's addresses", () => {
    expect(parseSettings(COMPLETE)).toMatchObject({
      publicUrl: "https://zs.contoso.example",
      loginUrl: "https://login.microsoftonline.com",
      graphUrl: "https://graph.microsoft.com",
      part: "all",
      azureClientId: undefined,
      storage: { kind: "connection" },
      front: {
        api: { audiences: [guid(2), `api://${guid(2)}`], clientIds: [guid(3), guid(4)] },
        servicenow: { signatureEncoding: "base64" },
        jira: { automationSecrets: undefined },
      },
      sweeper: { checkpointKey: undefined },
      jira: { user: "zs@contoso.example" },
    });
  });

  it("hands over directly unless said otherwise, and through the queue only where there is a bus", () => {
    const bus = { SERVICE_BUS: "Endpoint=sb://zs.servicebus.windows.net;SharedAccessKeyName=a;SharedAccessKey=b" };
    expect(settingsWith(bus).handover).toBe("direct");
    expect(settingsWith({ ...bus, HANDOVER: "queue" }).handover).toBe("queue");
    expect(
      settingsWith({ SERVICE_BUS__fullyQualifiedNamespace: "zs.servicebus.windows.net", HANDOVER: "queue" }).handover,
    ).toBe("queue");
    expect(namesOfProblems({ HANDOVER: "queue" })).toEqual(["HANDOVER"]);
    expect(namesOfProblems({ ...bus, HANDOVER: "Queue" })).toEqual(["HANDOVER"]);
  });

  it("does not let the worker seal with what the front knows", () => {
    expect(() => settingsWith({ LINK_KEYS: `${key(0)},${key(1)}` })).toThrow(/MAC_KEYS holds a key of LINK_KEYS/);
    const worker = { ...ofPart("worker"), MAC_KEYS: `${key(2)},${key(0).replace("0:", "3:")}` };
    expect(() => parseSettings(worker)).toThrow(/MAC_KEYS holds a key of LINK_KEYS/);
  });

  it.each(Object.keys(COMPLETE))("names %s when it is missing or blank", (name) => {
    expect(namesOfProblems({ [name]: undefined })).toContain(name);
    expect(namesOfProblems({ [name]: "  " })).toEqual(namesOfProblems({ [name]: undefined }));
  });

  it("names every missing setting in one error", () => {
    expect(() => parseSettings({})).toThrow(
      /PUBLIC_URL[^]*TENANT_ID[^]*LINK_KEYS[^]*TASK_HUB_NAME[^]*API_AUDIENCE[^]*SIGN_IN_CLIENT_SECRET[^]*MAC_KEYS[^]*MAIL_SENDER/,
    );
  });

  it.each([
    ["PUBLIC_URL", "http://zs.contoso.example"],
    ["PUBLIC_URL", "http://localhost:7071"],
    ["PUBLIC_URL", "http://127.0.0.1.contoso.example"],
    ["PUBLIC_URL", "https://user:secret@zs.contoso.example"],
    ["PUBLIC_URL", "https://zs.contoso.example/?a=b"],
    ["GRAPH_URL", "ftp://127.0.0.1"],
    ["LOGIN_URL", "login.microsoftonline.com"],
    ["TENANT_ID", "contoso"],
    ["API_CLIENT_IDS", `${guid(1)},`],
    ["AZURE_CLIENT_ID", "system"],
    ["STORAGE_CONNECTION", "AccountName=a;TableEndpoint=http://10.0.0.4/a"],
    ["STORAGE_CONNECTION", "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=b;EndpointSuffix=core.windows.net"],
    ["STORAGE_CONNECTION", "no connection string"],
    ["MAC_KEYS", key(1, 31)],
    ["MAC_KEYS", `${key(1)},${key(1)}`],
    ["LINK_KEYS", key(256)],
    ["LINK_KEYS", "1:***"],
    ["WORKER_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----"],
    ["WORKER_PRIVATE_KEY", pemPair("P-384").privateKey],
    ["WORKER_PRIVATE_KEY", pair.publicKey],
    ["WORKER_PUBLIC_KEY", pemPair().publicKey],
    ["WORKER_PUBLIC_KEY", pair.privateKey],
    ["CHECKPOINT_KEY", pemPair("P-384").privateKey],
    ["CHECKPOINT_KEY", pair.publicKey],
    ["CHECKPOINT_KEY_ID", "https://zs.vault.azure.net/secrets/checkpoints"],
    ["CHECKPOINT_KEY_ID", "http://zs.vault.azure.net/keys/checkpoints"],
    ["CHECKPOINT_KEY_ID", "https://zs.vault.azure.net/keys/checkpoints/latest"],
    ["CHECKPOINT_PUBLIC_KEY", pair.privateKey],
    ["AUDIT_COPY_URL", "http://copies.example/audit"],
    ["AUDIT_COPY_CONNECTION", "DefaultEndpointsProtocol=http;AccountName=a;TableEndpoint=http://127.0.0.1/a"],
    ["SERVICENOW_WEBHOOK_SECRETS", "one,two,three"],
    ["JIRA_AUTOMATION_SECRETS", "one,"],
    ["SERVICENOW_SIGNATURE_ENCODING", "base32"],
    ["TASK_HUB_NAME", "zero-standing"],
  ])("refuses a wrong %s without printing it (case %#)", (name, value) => {
    expect(namesOfProblems({ [name]: value })).toEqual([name]);
    expect(() => settingsWith({ [name]: value })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(value) as string }) as Error,
    );
  });

  it("takes http for literal loopback addresses", () => {
    const addresses = ["http://127.0.0.1:7071", "http://127.8.0.1", "http://[::1]:80"];
    expect(addresses.map((graph) => settingsWith({ GRAPH_URL: graph }).graphUrl)).toEqual([
      "http://127.0.0.1:7071",
      "http://127.8.0.1",
      "http://[::1]",
    ]);
  });

  it("takes a storage connection or a table address, never both", () => {
    const identity = { STORAGE_CONNECTION: undefined, STORAGE_TABLE_URL: "https://zs.table.core.windows.net" };
    expect(settingsWith(identity).storage).toEqual({ kind: "identity", tableUrl: "https://zs.table.core.windows.net" });
    expect(namesOfProblems({ STORAGE_TABLE_URL: "https://zs.table.core.windows.net" })).toEqual(["STORAGE_CONNECTION"]);
  });

  it("signs checkpoints with a key of its own or of a vault, or shows the key of another part; one of them", () => {
    const vault = { CHECKPOINT_KEY_ID: "https://zs.vault.azure.net/keys/checkpoints" };
    const own = { CHECKPOINT_KEY: pair.privateKey };
    const shown = { CHECKPOINT_PUBLIC_KEY: pair.publicKey };
    expect(settingsWith(vault).sweeper?.checkpointKey).toEqual({ kind: "vault", keyId: vault.CHECKPOINT_KEY_ID });
    expect(settingsWith(own).sweeper?.checkpointKey?.kind).toBe("pem");
    expect(settingsWith(shown).front?.checkpointPublicKey?.asymmetricKeyType).toBe("ec");
    expect(namesOfProblems({ ...vault, ...own })).toEqual(["CHECKPOINT_KEY, CHECKPOINT_KEY_ID"]);
    expect(namesOfProblems({ ...own, ...shown })).toEqual(["CHECKPOINT_KEY, CHECKPOINT_PUBLIC_KEY"]);
  });

  it("copies the audit trail by address or by connection, never both, or not at all", () => {
    const url = { AUDIT_COPY_URL: "https://copies.blob.core.windows.net/audit/" };
    const connection = { AUDIT_COPY_CONNECTION: "AccountName=copies;AccountKey=a2V5" };
    expect(settingsWith({}).sweeper?.auditCopy).toBeUndefined();
    expect(settingsWith(url).sweeper?.auditCopy).toEqual({
      kind: "identity",
      containerUrl: "https://copies.blob.core.windows.net/audit",
    });
    expect(settingsWith(connection).sweeper?.auditCopy).toMatchObject({ kind: "connection" });
    expect(namesOfProblems({ ...url, ...connection })).toEqual(["AUDIT_COPY_URL"]);
  });

  it("leaves a ticket system out when none of its settings is there", () => {
    const gone = (prefix: string): Record<string, undefined> =>
      Object.fromEntries(Object.keys(COMPLETE).flatMap((name) => (name.startsWith(prefix) ? [[name, undefined]] : [])));
    expect(settingsWith(gone("JIRA_")).jira).toBeUndefined();
    expect(settingsWith(gone("SERVICENOW_")).servicenow).toBeUndefined();
    expect(namesOfProblems({ ...gone("JIRA_"), JIRA_AUTOMATION_SECRETS: "x" })).toEqual([
      "JIRA_WEBHOOK_SECRETS",
      "JIRA_URL",
      "JIRA_USER",
      "JIRA_API_TOKEN",
    ]);
  });

  it.each(SPLIT_PARTS)("gives the %s what is its own, and meets the others in the queue", (part) => {
    const settings = parseSettings(ofPart(part));
    expect(SPLIT_PARTS.filter((one) => settings[one] !== undefined)).toEqual([part]);
    expect(settings.handover).toBe("queue");
  });

  it.each(SPLIT_PARTS)("names every missing setting of the %s, and none of the others'", (part) => {
    const problems = namesIn(() => parseSettings({ APP_PART: part }));
    const needed = [...COMMON, ...NEEDS[part], ...(part === "front" ? ["WORKER_PUBLIC_KEY"] : []), "SERVICE_BUS"];
    const optional = /^(SERVICENOW|JIRA)_/;
    expect(problems.toSorted()).toEqual(needed.filter((name) => !optional.test(name)).toSorted());
  });

  it.each(SPLIT_PARTS.flatMap((part) => foreignTo(part).map((name) => [part, name] as const)))(
    "does not let the %s hold %s",
    (part, name) => {
      const value = {
        ...COMPLETE,
        CHECKPOINT_KEY: pair.privateKey,
        JIRA_AUTOMATION_SECRETS: "hidden",
        AUDIT_COPY_CONNECTION: AZURITE.replace("Table", "Blob"),
      }[name];
      expect(namesIn(() => parseSettings({ ...ofPart(part), [name]: value }))).toEqual([name]);
    },
  );

  it("refuses a part that would touch the task hub, or has no bus to meet the others", () => {
    expect(namesIn(() => parseSettings({ ...ofPart("front"), HANDOVER: "direct" }))).toEqual(["HANDOVER"]);
    expect(namesIn(() => parseSettings({ ...ofPart("sweeper"), SERVICE_BUS: "" }))).toEqual(["SERVICE_BUS"]);
    expect(namesIn(() => parseSettings({ ...ofPart("front"), APP_PART: "back" }))).toContain("APP_PART");
  });

  it("gives each identity the secrets that the documented rights name", () => {
    const { parts } = parseYaml(readFileSync("infra/permissions.yaml", "utf8")) as {
      parts: Record<SplitPart, { secrets: string[]; signs?: string; auditCopy?: string }>;
    };
    for (const part of SPLIT_PARTS) {
      const { secrets, signs, auditCopy } = parts[part];
      const others = [...(signs ? ["CHECKPOINT_KEY"] : []), ...(auditCopy ? ["AUDIT_COPY_CONNECTION"] : [])];
      expect(SECRETS[part].toSorted()).toEqual([...secrets, ...others].toSorted());
    }
  });

  it("takes one signature per table, with the address of the tables", () => {
    const identity = { STORAGE_CONNECTION: undefined, STORAGE_TABLE_URL: "https://zs.table.core.windows.net" };
    const { storage } = settingsWith({ ...identity, STORAGE_TABLE_SAS: "claims?sp=r&sig=a%3D, audit?sp=ra&sig=b" });
    expect(storage.kind === "signatures" && [...storage.signatures.reveal()]).toEqual([
      ["claims", "sp=r&sig=a%3D"],
      ["audit", "sp=ra&sig=b"],
    ]);
    expect(namesOfProblems({ ...identity, STORAGE_TABLE_SAS: "sig=a" })).toEqual(["STORAGE_TABLE_SAS"]);
    expect(namesOfProblems({ STORAGE_TABLE_SAS: "claims?sig=a" })).toEqual(["STORAGE_TABLE_SAS"]);
  });

  it("derives the public key and takes keys written in one line", () => {
    const settings = settingsWith({ WORKER_PRIVATE_KEY: pair.privateKey.replaceAll("\n", String.raw`\n`) });
    expect(settings.front?.workerPublicKey.export({ type: "spki", format: "pem" })).toBe(pair.publicKey);
  });

  it("keeps the order of keys, so that the first one signs", () => {
    expect(
      parseSettings(COMPLETE)
        .worker?.macKeys.reveal()
        .keys.map(({ id }) => id),
    ).toEqual([2, 1]);
  });

  it("looks for the policy beside the package", () => {
    expect(existsSync(join(parseSettings(COMPLETE).policyDirectory, "..", "package.json"))).toBe(true);
    expect(settingsWith({ POLICY_DIRECTORY: "/somewhere" }).policyDirectory).toBe("/somewhere");
  });

  it("never prints a secret, neither as JSON nor by inspection nor as text", () => {
    const settings = parseSettings(COMPLETE);
    const printed = [
      JSON.stringify(settings),
      inspect(settings, { depth: null, showHidden: true }),
      settings.front?.signIn.clientSecret.toString(),
    ].join();
    expect(printed).not.toMatch(/hidden-|c2VjcmV0|BEGIN PRIVATE KEY/);
    expect(printed).not.toContain(key(1).slice(2));
    expect(settings.front?.signIn.clientSecret.reveal()).toBe("hidden-sign-in");
  });

  it("never throws anything but a SettingsError, whatever the environment", () => {
    const environment = fc.dictionary(fc.constantFrom(...Object.keys(COMPLETE), "AZURE_CLIENT_ID"), fc.string());
    fc.assert(
      fc.property(environment, (changes) => {
        expect(namesOfProblems(changes).length).toBeLessThanOrEqual(Object.keys(changes).length + 1);
      }),
    );
  });
});

describe("the bus", () => {
  const KEY = "SharedAccessKeyName=zs;SharedAccessKey=hidden-bus-key";
  const NAMESPACE = { SERVICE_BUS__fullyQualifiedNamespace: "contoso.servicebus.windows.net" };

  it("may be missing, or is reached by a connection string, or by the identity", () => {
    expect(settingsWith({}).serviceBus).toBeUndefined();
    expect(settingsWith({ SERVICE_BUS: "  " }).serviceBus).toBeUndefined();
    expect(settingsWith(NAMESPACE).serviceBus).toEqual({
      kind: "identity",
      fullyQualifiedNamespace: "contoso.servicebus.windows.net",
    });
    const settings = settingsWith({ SERVICE_BUS: `Endpoint=sb://contoso.servicebus.windows.net/;${KEY}` });
    expect(settings.serviceBus).toMatchObject({ kind: "connection" });
    expect(inspect(settings, { depth: 9 }) + JSON.stringify(settings)).not.toContain("hidden-bus-key");
  });

  it("is reached in one way, not in two", () => {
    const both = { SERVICE_BUS: `Endpoint=sb://contoso.servicebus.windows.net/;${KEY}`, ...NAMESPACE };
    expect(namesOfProblems(both)).toEqual(["SERVICE_BUS"]);
  });

  it.each([
    "Endpoint=sb://127.0.0.1:5672;UseDevelopmentEmulator=true",
    "Endpoint=sb://[::1];UseDevelopmentEmulator=true",
    "endpoint=sb://contoso.servicebus.windows.net",
  ])("may be at %j", (where) => {
    expect(namesOfProblems({ SERVICE_BUS: `${where};${KEY};` })).toEqual([]);
    expect(namesOfProblems({ SERVICE_BUS: `${where};SharedAccessSignature=SharedAccessSignature sr=x` })).toEqual([]);
  });

  it.each([
    ["no address", KEY],
    ["no key", "Endpoint=sb://contoso.servicebus.windows.net/"],
    ["another protocol", `Endpoint=https://contoso.servicebus.windows.net/;${KEY}`],
    ["plain text to a name", `Endpoint=sb://localhost;${KEY};UseDevelopmentEmulator=true`],
    ["plain text to another machine", `UseDevelopmentEmulator=true;Endpoint=sb://10.0.0.1;${KEY}`],
    [
      "plain text to a name that looks like loopback",
      `Endpoint=sb://127.0.0.1.example;${KEY};UseDevelopmentEmulator=true`,
    ],
    ["nothing that it could be", "contoso"],
  ])("is not reached with %s", (_, text) => {
    expect(namesOfProblems({ SERVICE_BUS: text })).toEqual(["SERVICE_BUS"]);
  });

  it.each(["contoso", "https://contoso.servicebus.windows.net", "contoso.servicebus.windows.net/", "a b.example", "."])(
    "is not the host name %j",
    (name) => {
      expect(namesOfProblems({ SERVICE_BUS__fullyQualifiedNamespace: name })).toEqual([
        "SERVICE_BUS__fullyQualifiedNamespace",
      ]);
    },
  );
});
