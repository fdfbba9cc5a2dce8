import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityCheck, type IdentityAccess } from "../../../../../local/broker/auth/identity.ts";
import { startTokenIssuer, type TokenIssuer } from "../../../../support/token-issuer.ts";

const AUDIENCE = "https://servicebus.azure.net";
const WORKER = "e6000000-0000-4000-8000-000000000006";
const ACCESS: readonly IdentityAccess[] = [{ id: WORKER, rights: ["Send"], path: "requests-chatbot" }];

describe("an identity's token", () => {
  let issuer: TokenIssuer;
  beforeAll(async () => {
    issuer = await startTokenIssuer();
  });
  afterAll(() => issuer.stop());

  const now = Date.now();
  const claims = (fields: object = {}) => ({
    iss: issuer.issuer,
    aud: AUDIENCE,
    oid: WORKER,
    exp: Math.floor(now / 1000) + 600,
    ...fields,
  });
  const check = async (token: string, resource = "sb://host/requests-chatbot", access = ACCESS) =>
    identityCheck({ issuer: issuer.issuer, jwksUrl: `${issuer.url}/keys` }, access, "ns")(token, resource, now);

  it("gives the rights of the access list on the entity, and on no other", async () => {
    const token = await issuer.sign(claims());
    expect(await check(token)).toMatchObject({
      kind: "granted",
      grant: { path: "requests-chatbot", rights: ["Send"] },
    });
    expect(await check(token, "sb://host/requests-pipeline")).toMatchObject({ kind: "refused" });
    expect(await check(await issuer.sign(claims({ oid: "somebody else" })))).toMatchObject({ kind: "refused" });
  });

  it("gives all rights where there is no access list", async () => {
    const verdict = await check(await issuer.sign(claims({ aud: `${AUDIENCE}/` })), "sb://host/any", []);
    expect(verdict).toMatchObject({ grant: { rights: ["Send", "Listen", "Manage"] } });
  });

  it("is refused for another audience, from another issuer, after its time, or when it is forged", async () => {
    const bad = [
      await issuer.sign(claims({ aud: "https://graph.microsoft.com" })),
      await issuer.sign(claims({ iss: "https://elsewhere.example" })),
      await issuer.sign(claims({ exp: Math.floor(now / 1000) - 60 })),
      (await issuer.sign(claims())).replace(/\.[^.]+$/, ".AAAA"),
      "no token",
    ];
    for (const token of bad) expect(await check(token, undefined, [])).toMatchObject({ kind: "refused" });
  });
});
