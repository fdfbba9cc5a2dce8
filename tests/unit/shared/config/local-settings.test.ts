import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../../shared/config/settings.ts";
import { ACCOUNTS, APPS, TENANT_ID } from "../../../../local/seed.ts";
import { connectionStringOf } from "../../../../local/broker/connection-string.ts";

const file = join(import.meta.dirname, "../../../../local/app.settings.json");
const template = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
const pair = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/** As the local stack fills them in. */
const filled = Object.fromEntries(
  Object.entries(template).map(([name, value]) => [
    name,
    value
      .replace(
        "{storage}",
        "AccountName=a;AccountKey=b;TableEndpoint=http://127.0.0.1:10002/a;BlobEndpoint=http://127.0.0.1:10000/a",
      )
      .replace(/\{(app|graph|login|servicenow|jira)\}/, "http://127.0.0.1:7071")
      .replace(/\{secret:(\w+)\}/, (_, name: string) => Buffer.alloc(32, name).toString("base64"))
      .replace(/\{privateKeyPem:\w+\}/, pair.privateKey)
      .replace(/\{publicKeyPem:\w+\}/, pair.publicKey)
      .replace("{serviceBus}", connectionStringOf(5672, "key")),
  ]),
);

describe("the settings of the local stack", () => {
  it("are complete, and carry the ids of the sample tenant", () => {
    expect(parseSettings(filled)).toMatchObject({
      tenantId: TENANT_ID,
      front: {
        api: { audiences: [APPS.api.clientId, `api://${APPS.api.clientId}`], clientIds: [APPS.cli.clientId] },
        signIn: { clientId: APPS.signIn.clientId },
      },
      mailSender: ACCOUNTS.mailSender,
      azureClientId: undefined,
      storage: { kind: "connection" },
    });
  });

  it("open every door", () => {
    const { front, worker, sweeper, servicenow, jira } = parseSettings(filled);
    expect(
      [worker, sweeper?.checkpointKey, servicenow, jira, front?.servicenow, front?.jira?.automationSecrets].every(
        (group) => group !== undefined,
      ),
    ).toBe(true);
  });
});
