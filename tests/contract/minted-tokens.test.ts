import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTokenAuthority } from "../../local/entra/tokens.ts";
import { adminId, APPS } from "../../local/seed.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";

const ADA = { oid: adminId(1) };
let login: LocalLogin;

beforeAll(async () => {
  login = await startLocalLogin();
});
afterAll(() => login.stop());

describe("minted tokens", () => {
  const authenticate = (token: string, audience: string = APPS.api.clientId) =>
    createTokenAuthority(login.settings).authenticate(`Bearer ${token}`, audience);

  it("pass as real ones, with what was asked", () => {
    const token = login.token("mint", { oid: ADA.oid, acrs: ["c1"], authTime: 1, overrides: { name: null } });
    expect(decodeJwt(token)).toMatchObject({ acrs: ["c1"], auth_time: 1, xms_cc: ["cp1"], azp: APPS.cli.clientId });
    expect(decodeJwt(token)).not.toHaveProperty("name");
    expect(authenticate(token)).toEqual({
      clientId: APPS.cli.clientId,
      objectId: APPS.cli.objectId,
      permissions: [],
      scopes: ["access_as_user"],
      userObjectId: ADA.oid,
    });
  });

  it("are an application's own for the object id of a service principal", () => {
    const token = login.token("mint", { oid: APPS.daemon.objectId, roles: ["Some.Role"] });
    expect(decodeJwt(token)).toMatchObject({ idtyp: "app", roles: ["Some.Role"] });
    const { clientId, objectId } = APPS.daemon;
    expect(authenticate(token)).toEqual({ clientId, objectId, permissions: ["Some.Role"] });
  });

  it("can be forged: other key, other tenant, expired, no signature", () => {
    const forged = [
      login.token("mint", { oid: ADA.oid, key: "other" }),
      login.token("mint", { oid: ADA.oid, overrides: { iss: "https://sts.example/other/v2.0" } }),
      login.token("mint", { oid: ADA.oid, lifetimeSeconds: -1 }),
      login.token("sign", { payload: { aud: APPS.api.clientId }, header: { alg: "none" } }),
    ];
    expect(forged.map((token) => authenticate(token))).toEqual([undefined, undefined, undefined, undefined]);
    expect(authenticate(login.token("mint", { oid: ADA.oid }), "other-audience")).toBeUndefined();
  });

  it("are id tokens with a chosen nonce", () => {
    const token = login.token("mintIdToken", { oid: ADA.oid, nonce: "n", overrides: { tid: "other" } });
    expect(decodeJwt(token)).toMatchObject({ aud: APPS.signIn.clientId, nonce: "n", tid: "other", oid: ADA.oid });
    expect(Number(decodeJwt(token).exp)).toBeGreaterThan(Date.now() / 1000);
  });
});
