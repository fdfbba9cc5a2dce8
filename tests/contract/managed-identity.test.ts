import { ManagedIdentityCredential } from "@azure/identity";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { credential } from "../../functions/adapters/identity.ts";
import { createTokenAuthority } from "../../local/entra/tokens.ts";
import { APPS } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { graphMember } from "../../shared/contracts/graph.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";

let login: LocalLogin;

beforeAll(async () => {
  login = await startLocalLogin();
  vi.stubEnv("IDENTITY_ENDPOINT", `${login.settings.addresses.login}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", login.settings.secrets.identityHeader);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await login.stop();
});

const graphScope = () => `${login.settings.addresses.graph}/.default`;
const callerBehind = (token: string) =>
  createTokenAuthority(login.settings).authenticate(`Bearer ${token}`, login.settings.addresses.graph);

describe("the managed identity endpoint", () => {
  it("gives the unmodified Azure SDK a token of the worker", async () => {
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken(graphScope());
    expect(callerBehind(token)).toEqual({
      clientId: APPS.worker.clientId,
      objectId: APPS.worker.objectId,
      permissions: APPS.worker.permissions,
    });
    expect(decodeJwt(token)).toMatchObject({ aud: login.settings.addresses.graph, appid: APPS.worker.clientId });
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
  });

  it("gives it a token of the user-assigned identity that it names", async () => {
    const named = new ManagedIdentityCredential({ clientId: APPS.sweeper.clientId });
    const { token } = await named.getToken(graphScope());
    expect(callerBehind(token)).toEqual({
      clientId: APPS.sweeper.clientId,
      objectId: APPS.sweeper.objectId,
      permissions: APPS.sweeper.permissions,
    });
  });

  it("is asked by the app for its own identity, or for the one that AZURE_CLIENT_ID names", async () => {
    const callerOf = async (azureClientId: string | undefined) =>
      callerBehind((await (await credential({ azureClientId })()).getToken(graphScope())).token)?.clientId;
    expect(await callerOf(undefined)).toBe(APPS.worker.clientId);
    expect(await callerOf(APPS.sweeper.clientId)).toBe(APPS.sweeper.clientId);
  });

  it("refuses an identity that the app does not have", async () => {
    const foreign = new ManagedIdentityCredential({ clientId: APPS.daemon.clientId });
    await expect(foreign.getToken(graphScope())).rejects.toThrow();
    const graph = createGraph(login.settings.addresses.graph, foreign);
    await expect(graph.get("/users", graphMember)).rejects.toMatchObject({ code: "Misconfigured" });
  });

  it("gives changed permissions to the next token, and none for another resource", async () => {
    login.control("setPermissions", { clientId: APPS.sweeper.clientId, permissions: ["User.Read.All"] });
    const roles = async (resource: string) => decodeJwt((await ask({ resource })).access_token)["roles"];
    expect(await roles(login.settings.addresses.graph)).toEqual(["User.Read.All"]);
    expect(await roles("https://vault.azure.net")).toBeUndefined();
  });

  it.each([
    ["the header is wrong", { header: "guess" }, 401],
    ["the resource is missing", { resource: "" }, 400],
    ["the version is another one", { version: "2017-09-01" }, 400],
  ])("refuses when %s", async (_case, wrong, status) => {
    const answer = await ask(wrong);
    expect(answer).toMatchObject({ statusCode: status });
    expect(answer).not.toHaveProperty("access_token");
  });
});

async function ask(wish: { resource?: string; header?: string; version?: string }): Promise<{ access_token: string }> {
  const parameters = new URLSearchParams({
    resource: wish.resource ?? "https://graph.microsoft.com",
    "api-version": wish.version ?? "2019-08-01",
    client_id: APPS.sweeper.clientId,
  });
  const answer = await fetch(`${login.settings.addresses.login}/msi/token?${parameters.toString()}`, {
    headers: { "x-identity-header": wish.header ?? login.settings.secrets.identityHeader },
  });
  return (await answer.json()) as { access_token: string };
}
