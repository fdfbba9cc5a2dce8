import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { appEnvironment } from "../../local/stack/app-settings.ts";
import { SecretStore } from "../../local/stack/secrets.ts";

const LOOPBACK = "http://127.0.0.1:7071";
const SETTINGS = appEnvironment("local/app.settings.json", {
  addresses: {
    ...{
      app: LOOPBACK,
      graph: LOOPBACK,
      login: LOOPBACK,
      servicenow: LOOPBACK,
      jira: LOOPBACK,
      mailbox: LOOPBACK,
      azure: LOOPBACK,
    },
    control: LOOPBACK,
    serviceBus: "Endpoint=sb://127.0.0.1;SharedAccessKeyName=a;SharedAccessKey=a",
    storage: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=${LOOPBACK}/a;BlobEndpoint=${LOOPBACK}/a;`,
  },
  dataDirectory: tmpdir(),
  secrets: new SecretStore(join(tmpdir(), "there is no such file")),
});
/** Those without which nothing works; the others have a default or belong to one ticket system. */
const REQUIRED = [
  ...["PUBLIC_URL", "TENANT_ID", "API_AUDIENCE", "API_CLIENT_IDS", "SIGN_IN_CLIENT_ID", "SIGN_IN_CLIENT_SECRET"],
  ...["STORAGE_CONNECTION", "WORKER_PRIVATE_KEY", "MAC_KEYS", "LINK_KEYS", "MAIL_SENDER", "TASK_HUB_NAME"],
];

/** What the built app says when it is loaded with this environment. */
async function load(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly said: string }> {
  const app = spawn(process.execPath, ["dist/functions/index.js"], { env: { PATH: process.env["PATH"], ...env } });
  const [said, exitCode] = await Promise.all([
    text(app.stderr),
    new Promise<number | null>((resolve) => app.on("exit", resolve)),
  ]);
  return { exitCode, said };
}

describe("the built app", () => {
  const policy = mkdtempSync(join(tmpdir(), "zero-standing-policy-"));
  afterAll(() => rmSync(policy, { recursive: true }));

  it("starts with the settings and the sample policy", async () => {
    expect(await load(SETTINGS)).toMatchObject({ exitCode: 0 });
  });

  it("does not start without its settings, and names all that are missing at once", async () => {
    const { exitCode, said } = await load({});
    expect(exitCode).not.toBe(0);
    for (const name of REQUIRED) expect(said).toContain(`  ${name} is missing`);
  });

  it("does not start with a wrong setting, and does not repeat a secret", async () => {
    const { exitCode, said } = await load({ ...SETTINGS, LINK_KEYS: "0:c2hvcnQ=", GRAPH_URL: "http://10.0.0.4" });
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/ {2}GRAPH_URL/);
    expect(said).toMatch(/ {2}LINK_KEYS/);
    expect(said).not.toContain("c2hvcnQ");
  });

  it.each([
    ["start: onStart", "start: soon", "start", ["immediate", "onStart"]],
    ["maximum: PT2H", "maximum: P1M", "maximum", ["PT"]],
    ["    tier0: true\n", "    tier0: perhaps\n", "tier0", ["true"]],
    ["onTicketClosed: end", "onTicketClosed: never", "onTicketClosed", ["end", "grace", "notify"]],
    ["alertMail:", "alertMale:", "alertMale", ["alertMail"]],
  ])(
    "does not start with %j as %j in its policy: line, column and what is allowed",
    async (from, to, name, allowed) => {
      cpSync("policy", policy, { recursive: true });
      const file = join(policy, "roles.yaml");
      const good = readFileSync(file, "utf8");
      const lines = good.split("\n");
      const line = lines.findIndex((one) => `${one}\n`.includes(from) && !one.startsWith("#")) + 1;
      const bad = lines
        .map((one, index) => (index === line - 1 ? `${one}\n`.replace(from, to).trimEnd() : one))
        .join("\n");
      expect(bad).not.toBe(good);
      writeFileSync(file, bad);
      const { exitCode, said } = await load({ ...SETTINGS, POLICY_DIRECTORY: policy });
      expect(exitCode).not.toBe(0);
      expect(said).toMatch(new RegExp(`roles\\.yaml:${line}:\\d+`));
      expect(said).toContain(name);
      for (const value of allowed) expect(said).toContain(value);
    },
  );
});
