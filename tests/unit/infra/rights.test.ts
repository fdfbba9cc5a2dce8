import { describe, expect, it } from "vitest";
import { at, deployed, type Resource } from "../../../infra/check/deployment.ts";
import { readPermissions, rightsAsked, rightsGiven } from "../../../infra/check/rights.ts";
import { SCENARIOS, type ScenarioName } from "../../../infra/check/scenarios.ts";

const permissions = readPermissions();
const names = Object.keys(SCENARIOS) as ScenarioName[];
const form = (name: ScenarioName) => ({
  senders: SCENARIOS[name].senders,
  scheduler: name === "dts",
  single: name === "single",
});

describe("the role assignments", () => {
  it.each(names)("are what permissions.yaml says, no more and no less: %s", (name) => {
    expect(rightsGiven(deployed(name))).toEqual(rightsAsked(permissions, form(name)));
  });

  it("give nobody but the worker anything on the task hub", () => {
    const hub = rightsGiven(deployed("split")).filter((line) => line.endsWith(" storageAccounts/stworker"));
    expect(hub).toEqual(
      ["worker blobs", "worker queues", "worker tables"].map((who) => `${who} storageAccounts/stworker`),
    );
  });

  it("let nobody change the trail, claims or checkpoints, and the worker alone remove deliveries", () => {
    const lines = rightsGiven(deployed("split")).filter((line) =>
      /tables\/(audit|claims|deliveries|checkpoints)$/.test(line),
    );
    expect(lines.length).toBeGreaterThan(9);
    expect(lines.filter((line) => line.includes("table-write")).map((line) => line.replace(/ .*\//, " "))).toEqual([
      "worker deliveries",
    ]);
  });

  it("let the front add to what stops grants and asks for ends, and take none of it away", () => {
    const lines = rightsGiven(deployed("split")).filter((line) =>
      /^front .*tables\/(activations|pending|controls)$/.test(line),
    );
    expect(lines.map((line) => line.split(" ")[1])).toEqual(["table-append", "table-append", "table-append"]);
  });

  it("are all there are: a role for somebody else would be seen", () => {
    const [assignment, ...others] = deployed("split").filter(
      ({ type }) => type === "Microsoft.Authorization/roleAssignments",
    );
    if (!assignment) throw new Error("no assignment");
    const foreign: Resource = {
      ...assignment,
      properties: { ...assignment.properties, principalId: "[parameters('x')]" },
    };
    expect(rightsGiven([foreign, ...others])).toContainEqual(expect.stringMatching(/^somebody/));
  });
});

describe("the rights", () => {
  it("consist of these actions on data, and of no action on resources", () => {
    const definitions = deployed("split").filter(({ type }) => type === "Microsoft.Authorization/roleDefinitions");
    const parts = Object.fromEntries(
      definitions.map((definition): [string, readonly string[]] => {
        const [permission] = at(definition, "permissions") as [Record<string, string[]>];
        expect([permission["actions"], permission["notActions"], permission["notDataActions"]]).toEqual([[], [], []]);
        const [, , right = ""] = String(at(definition, "roleName")).split(" ");
        return [right, (permission["dataActions"] ?? []).map(lastWords)];
      }),
    );
    expect(parts).toEqual({
      "table-read": ["entities/read"],
      "table-append": ["entities/read", "entities/add/action"],
      "table-write": ["entities/read", "entities/add/action", "entities/update/action", "entities/delete"],
      "bus-send": ["messages/send/action"],
      "bus-listen": ["messages/receive/action"],
      "blob-append": ["blobs/read", "blobs/add/action"],
      "key-sign": ["keys/read", "keys/sign/action"],
      telemetry: ["Metrics/Write", "Telemetry/Write"],
    });
  });
});

describe("the settings of the parts", () => {
  const settingsOf = (scenario: ScenarioName, part: string): Readonly<Record<string, string>> => {
    const app = deployed(scenario).find((one) => one.type === "Microsoft.Web/sites" && one.tags?.["part"] === part);
    const list = (app && at(app, "siteConfig.appSettings")) as readonly { name: string; value: string }[];
    return Object.fromEntries(list.map(({ name, value }) => [name, value]));
  };
  const secretsOf = (settings: Readonly<Record<string, string>>): readonly string[] =>
    Object.keys(settings).filter((name) => settings[name]?.includes("@Microsoft.KeyVault"));

  it.each(Object.entries(permissions.parts))(
    "name the secrets of the %s, each in its own vault",
    (part, { secrets }) => {
      const settings = settingsOf("split", part);
      expect(secretsOf(settings)).toEqual([...secrets].sort());
      for (const name of secrets) expect(settings[name]).toContain(`Microsoft.KeyVault/vaults/kv-${part}-`);
      expect(settings["APP_PART"]).toBe(part);
    },
  );

  it("ask for no secret of a ticket system that is not there", () => {
    expect(secretsOf(settingsOf("dts", "worker"))).not.toContain("JIRA_API_TOKEN");
    expect(secretsOf(settingsOf("single", "all")).filter((name) => name.startsWith("SERVICENOW"))).toEqual([]);
  });

  it("let the front hand over through the queue, and one app alone touch the task hub itself", () => {
    expect(settingsOf("split", "front")).toMatchObject({ HANDOVER: "queue" });
    expect(settingsOf("single", "all")).toMatchObject({ HANDOVER: "direct", APP_PART: "all" });
  });

  it("give the key of the checkpoints to the sweeper alone, and its public half to the front", () => {
    expect(settingsOf("split", "sweeper")["CHECKPOINT_KEY_ID"]).toMatch(
      /^\[format\('\{0\}keys\/\{1\}'.*kv-sweeper-.*'checkpoint'\)\]$/,
    );
    expect(Object.keys(settingsOf("split", "front")).filter((name) => name.startsWith("CHECKPOINT"))).toEqual([
      "CHECKPOINT_PUBLIC_KEY",
    ]);
    expect(settingsOf("split", "worker")["CHECKPOINT_KEY_ID"]).toBeUndefined();
    expect(settingsOf("single", "all")["CHECKPOINT_PUBLIC_KEY"]).toBeUndefined();
  });

  it("keep the pause of the hub's polling short where durable functions have instances of their own", () => {
    const pause = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval";
    expect(settingsOf("split", "worker")[pause]).toBe("00:00:02");
    expect(settingsOf("single", "all")[pause]).toBe("00:00:02");
    expect([settingsOf("split", "sweeper")[pause], settingsOf("dts", "worker")[pause]]).toEqual([undefined, undefined]);
  });

  it("put a scheduler in the place of the storage account only where the worker runs", () => {
    const type = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__type";
    expect(settingsOf("dts", "worker")[type]).toBe("azureManaged");
    expect(settingsOf("dts", "front")[type]).toBeUndefined();
    expect(settingsOf("split", "worker")[type]).toBeUndefined();
  });
});

const lastWords = (action: string): string => {
  const words = action.split("/");
  return words.slice(words.at(-1) === "action" ? -3 : -2).join("/");
};
