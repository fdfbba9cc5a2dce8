import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { at, deployed } from "../../../infra/check/deployment.ts";
import type { ScenarioName } from "../../../infra/check/scenarios.ts";
import type { AppPart } from "../../../shared/config/parts.ts";
import { parseSettings } from "../../../shared/config/settings.ts";

const pair = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** What Azure puts in the place of what is known only there, and somebody into the vaults. */
function inAzure(name: string, value: string): string {
  if (name.endsWith("_PUBLIC_KEY")) return pair.publicKey;
  if (name.endsWith("_PRIVATE_KEY")) return pair.privateKey;
  if (/(LINK|MAC)_KEYS$/.test(name)) return `1:${Buffer.alloc(32, name).toString("base64")}`;
  if (value.includes("@Microsoft.KeyVault")) return "a secret";
  if (name === "AUDIT_COPY_URL") return "https://staudit.blob.example.net/audit";
  if (name === "CHECKPOINT_KEY_ID") return "https://kv-all.vault.example.net/keys/checkpoint";
  return value.startsWith("[") ? "https://sttables.table.example.net" : value;
}

function settingsOf(scenario: ScenarioName, part: string): Readonly<Record<string, string>> {
  const app = deployed(scenario).find((one) => one.type === "Microsoft.Web/sites" && one.tags?.["part"] === part);
  const list = (app && at(app, "siteConfig.appSettings")) as readonly { name: string; value: string }[];
  return Object.fromEntries(list.map(({ name, value }) => [name, inAzure(name, value)]));
}

describe("the settings that the template gives", () => {
  const parts: readonly (readonly [ScenarioName, AppPart])[] = [
    ["split", "front"],
    ["split", "worker"],
    ["split", "sweeper"],
    ["dts", "worker"],
    ["single", "all"],
  ];

  it.each(parts)("are all that a part needs to start, and no more: %s, %s", (scenario, part) => {
    expect(parseSettings(settingsOf(scenario, part))).toMatchObject({
      part,
      storage: { kind: "identity", tableUrl: "https://sttables.table.example.net" },
      serviceBus: { kind: "identity", fullyQualifiedNamespace: expect.stringMatching(/^sb-/) as string },
      handover: part === "all" ? "direct" : "queue",
      taskHubName: "ZeroStanding",
      azureClientId: undefined,
    });
  });

  it("hold the keys of the worker only where it runs", () => {
    const withKeys = parts.filter(([scenario, part]) => parseSettings(settingsOf(scenario, part)).worker !== undefined);
    expect(withKeys.map(([, part]) => part)).toEqual(["worker", "worker", "all"]);
  });

  it("leave out the ticket system that is not there", () => {
    expect(parseSettings(settingsOf("single", "all"))).toMatchObject({
      servicenow: undefined,
      jira: expect.anything() as object,
    });
    expect(parseSettings(settingsOf("dts", "worker")).jira).toBeUndefined();
  });
});
