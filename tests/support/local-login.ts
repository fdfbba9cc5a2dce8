import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogin } from "../../local/entra/login-server.ts";
import { TENANT_ID } from "../../local/seed.ts";
import type { StackSettings } from "../../local/service.ts";

/** The identity provider of the local stack, in this process. */
export interface LocalLogin {
  readonly settings: StackSettings;
  readonly issuer: URL;
  /** A control operation, as the control API would call it. */
  control(operation: string, parameters?: Readonly<Record<string, unknown>>): unknown;
  /** A token by one of the control operations that make tokens. */
  token(operation: "mint" | "mintIdToken" | "sign", parameters: Readonly<Record<string, unknown>>): string;
  stop(): Promise<void>;
}

export async function startLocalLogin(): Promise<LocalLogin> {
  const settings = await settingsFor(mkdtempSync(join(tmpdir(), "local-login-")));
  const service = createLogin(settings);
  await service.start();
  const control: LocalLogin["control"] = (operation, parameters = {}) => {
    const run = service.control[operation];
    if (!run) throw new Error(`no operation ${operation}`);
    return run(parameters);
  };
  return {
    settings,
    issuer: new URL(`${settings.addresses.login}/${TENANT_ID}/v2.0`),
    control,
    token: (operation, parameters) => control(operation, parameters) as string,
    stop: async () => {
      await service.stop();
      rmSync(settings.dataDirectory, { recursive: true });
    },
  };
}

async function settingsFor(dataDirectory: string): Promise<StackSettings> {
  const elsewhere = "http://127.0.0.1:9";
  return {
    dataDirectory,
    addresses: {
      app: "http://127.0.0.1:10",
      graph: "http://127.0.0.1:11",
      login: `http://127.0.0.1:${await freePort()}`,
      servicenow: elsewhere,
      jira: elsewhere,
      mailbox: elsewhere,
      azure: elsewhere,
      control: elsewhere,
      storage: "",
      serviceBus: "",
    },
    secrets: {
      identityHeader: "identity-header",
      frontIdentityHeader: "front",
      sweeperIdentityHeader: "sweeper",
      signInClientSecret: "secret-of-the-sign-in",
      servicenowClientSecret: "",
      servicenowWebhookSecret: "",
      jiraApiToken: "",
      jiraWebhookSecret: "",
      jiraAutomationSecret: "",
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
