import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { at, deployed, type Resource } from "../../../infra/check/deployment.ts";
import { findingsOf } from "../../../infra/check/findings.ts";
import { undescribed } from "../../../infra/check/parameters.ts";
import { SCENARIOS, type ScenarioName } from "../../../infra/check/scenarios.ts";
import { compiledFile, sourceHashes } from "../../../infra/check/sources.ts";

const names = Object.keys(SCENARIOS) as ScenarioName[];
const template = compiledFile("main.json");

describe("the compiled template", () => {
  it("was compiled from the sources that lie beside it (npm run infra:compile)", () => {
    expect(compiledFile("sources.sha256")).toBe(sourceHashes());
  });

  it("asks Azure for no key of anything", () => {
    expect(template).not.toMatch(/\blist(Keys|Secrets|ConnectionStrings|AccountSas|ServiceSas)\(/i);
  });

  it("describes every parameter, and says whether it must be given", () => {
    expect(undescribed(JSON.parse(template) as Parameters<typeof undescribed>[0])).toEqual([]);
  });
});

describe.each(names)("a deployment in the form %s", (name) => {
  const resources = deployed(name);

  it("has no shared key, no public blob, no wildcard right, no old TLS, and logs of everything", () => {
    expect(findingsOf(resources)).toEqual([]);
  });

  it("names no resource twice", () => {
    const ids = resources.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });
});

describe("what would be found", () => {
  const spoilt: readonly [string, string, string, unknown, RegExp][] = [
    [
      "shared keys of storage",
      "Microsoft.Storage/storageAccounts",
      "allowSharedKeyAccess",
      true,
      /allowSharedKeyAccess/,
    ],
    ["public blobs", "Microsoft.Storage/storageAccounts", "allowBlobPublicAccess", true, /allowBlobPublicAccess/],
    ["old TLS", "Microsoft.Storage/storageAccounts", "minimumTlsVersion", "TLS1_0", /TLS1_0/],
    ["TLS left open", "Microsoft.ServiceBus/namespaces", "minimumTlsVersion", undefined, /minimumTlsVersion/],
    ["keys of the bus", "Microsoft.ServiceBus/namespaces", "disableLocalAuth", false, /disableLocalAuth/],
    ["access policies of a vault", "Microsoft.KeyVault/vaults", "accessPolicies", [], /accessPolicies/],
    ["plain http", "Microsoft.Web/sites", "httpsOnly", false, /httpsOnly/],
    ["an older Node", "Microsoft.Web/sites", "functionAppConfig.runtime.version", "20", /runtime.version/],
    [
      "a readable container",
      "Microsoft.Storage/storageAccounts/blobServices/containers",
      "publicAccess",
      "Blob",
      /Blob/,
    ],
    ["a publishing password", "Microsoft.Web/sites/basicPublishingCredentialsPolicies", "allow", true, /allow/],
    [
      "a wildcard",
      "Microsoft.Authorization/roleDefinitions",
      "permissions",
      [{ dataActions: ["Microsoft.ServiceBus/*/send/action"] }],
      /\*/,
    ],
    [
      "a secret in a setting",
      "Microsoft.Web/sites",
      "siteConfig.appSettings",
      [{ name: "LINK_KEYS", value: "1:abc" }],
      /LINK_KEYS/,
    ],
  ];

  it.each(spoilt)("%s", (_what, type, path, value, finding) => {
    expect(findingsOf(changed(deployed("split"), type, path, value)).join("\n")).toMatch(finding);
  });

  it("a resource without logs", () => {
    const silent = deployed("split").filter(({ type }) => type !== "Microsoft.Insights/diagnosticSettings");
    expect(findingsOf(silent).filter((finding) => finding.endsWith("sends no logs")).length).toBeGreaterThan(20);
  });

  it("a kind of resource that nobody thought about", () => {
    const odd: Resource = { id: "~/Microsoft.Sql/servers/a", type: "Microsoft.Sql/servers", name: "a" };
    expect(findingsOf([odd])).toEqual([expect.stringContaining("Microsoft.Sql/servers")]);
  });

  it("an app that takes passwords for publishing", () => {
    const without = deployed("split").filter(({ type }) => !type.endsWith("basicPublishingCredentialsPolicies"));
    expect(findingsOf(without).filter((finding) => finding.endsWith("takes a password"))).toHaveLength(6);
  });
});

describe("private access", () => {
  const resources = deployed("private");
  const open = (all: readonly Resource[]): readonly string[] =>
    all.filter((one) => at(one, "publicNetworkAccess") === "Enabled").map(({ name }) => name.replace(/-?rkz\w+/, ""));

  it("closes everything to the outside but the front, which says who may call", () => {
    expect(open(resources)).toEqual(["func-front"]);
    const front = resources.find(({ name }) => name.startsWith("func-front"));
    expect(front && at(front, "siteConfig.ipSecurityRestrictions")).toMatchObject([
      { action: "Allow", ipAddress: "203.0.113.0/24" },
    ]);
    expect(front && at(front, "siteConfig.ipSecurityRestrictionsDefaultAction")).toBe("Deny");
  });

  it("gives each thing that a part calls an endpoint in the network", () => {
    const endpoints = resources.filter(({ type }) => type === "Microsoft.Network/privateEndpoints");
    expect(endpoints.map(({ name }) => name.replace(/rkz63ajwh4ff2/, "")).sort()).toEqual(
      [
        "pe-func-sweeper-",
        "pe-func-worker-",
        "pe-kv-front-",
        "pe-kv-sweeper-",
        "pe-kv-worker-",
        "pe-sb-",
        "pe-staudit-blob",
        "pe-stfront-blob",
        "pe-stsweeper-blob",
        "pe-sttables-table",
        "pe-stworker-blob",
        "pe-stworker-queue",
        "pe-stworker-table",
      ].sort(),
    );
  });

  it("sends what the apps call through the network", () => {
    const subnets = resources
      .filter(({ type }) => type === "Microsoft.Web/sites")
      .map((one) => at(one, "virtualNetworkSubnetId"));
    expect(subnets.map((subnet) => String(subnet).split("/").at(-1))).toEqual(["front", "worker", "sweeper"]);
  });
});

describe("calls from outside", () => {
  it.each(names)("reach nothing but the pages and webhooks: %s", (name) => {
    const callable = deployed(name)
      .filter((one) => one.type === "Microsoft.Web/sites" && at(one, "publicNetworkAccess") === "Enabled")
      .filter((one) => at(one, "siteConfig.ipSecurityRestrictionsDefaultAction") === "Allow")
      .map(({ tags }) => tags?.["part"]);
    expect(callable).toEqual({ split: ["front"], dts: ["front"], private: [], single: ["all"] }[name]);
  });
});

describe("azure.yaml", () => {
  const { services } = parse(readFileSync(join(import.meta.dirname, "../../../azure.yaml"), "utf8")) as {
    services: Readonly<Record<string, unknown>>;
  };
  const deployedTo = (name: ScenarioName): readonly (string | undefined)[] =>
    deployed(name).flatMap(({ type, tags }) => (type === "Microsoft.Web/sites" ? [tags?.["azd-service-name"]] : []));

  it("deploys to each of the apps, and to the one app where there is one", () => {
    expect(Object.keys(services)).toEqual(deployedTo("split"));
    expect(deployedTo("single")).toEqual(["front"]);
  });
});

/** The resources, with one property of the first one of a type changed. */
function changed(resources: readonly Resource[], type: string, path: string, value: unknown): readonly Resource[] {
  const copy = structuredClone(resources) as Resource[];
  const keys = path.split(".");
  const parent = keys
    .slice(0, -1)
    .reduce<Record<string, unknown>>(
      (object, key) => object[key] as Record<string, unknown>,
      copy.find((one) => one.type === type)?.properties as Record<string, unknown>,
    );
  parent[keys.at(-1) ?? ""] = value;
  return copy;
}
