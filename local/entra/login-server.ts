import type { Context } from "hono";
import type { HttpBindings } from "@hono/node-server";
import { answerOf, type NodeListener } from "../http/node-listener.ts";
import { LocalServer } from "../http/server.ts";
import { TENANT_ID } from "../seed.ts";
import type { LocalService, StackSettings } from "../service.ts";
import { Permissions } from "./applications.ts";
import { asOidcParameters } from "./entra-parameters.ts";
import { forge } from "./forge.ts";
import { mountManagedIdentity } from "./managed-identity.ts";
import { refreshForAzure } from "./other-resource.ts";
import { People } from "./people.ts";
import { createProvider } from "./provider.ts";
import { SignIn } from "./sign-in.ts";
import { createTokenAuthority } from "./tokens.ts";

const MOUNTED_AT = `/${TENANT_ID}`;

/** The identity provider of the local stack: part `login`. See login.README.md. */
export function createLogin(settings: StackSettings): LocalService {
  const tokens = createTokenAuthority(settings);
  const people = new People();
  const permissions = new Permissions(settings);
  const provider = createProvider({ settings, tokens, people, permissions });
  const signIn = new SignIn(provider, people);
  const server = new LocalServer(settings.addresses.login);
  const listener = provider.callback();

  mountManagedIdentity(server.app, { settings, tokens, permissions });
  signIn.mountOn(server.app);
  server.app.get(`${MOUNTED_AT}/v2.0/.well-known/openid-configuration`, (c) =>
    handOver(c, listener, "/.well-known/openid-configuration"),
  );
  const azure = { provider, people, tokens, azure: settings.addresses.azure };
  server.app.post(`${MOUNTED_AT}/oauth2/v2.0/token`, async (c, next) => {
    const answer = await refreshForAzure(new URLSearchParams(await c.req.raw.clone().text()), azure);
    if (!answer) await next();
    return answer;
  });
  server.app.all(`${MOUNTED_AT}/*`, (c) => handOver(c, listener, new URL(c.req.url).pathname.slice(MOUNTED_AT.length)));
  server.app.all("*", (c) =>
    c.json({ error: "invalid_tenant", error_description: `AADSTS90002: no such tenant: ${c.req.path}` }, 400),
  );

  return {
    name: "login",
    control: {
      ...server.control,
      ...forge(tokens, people),
      setPerson: (parameters) => people.change(parameters),
      setPermissions: (parameters) => permissions.change(parameters),
      signIns: () => signIn.log,
    },
    start: () => server.start(),
    stop: () => server.stop(),
  };
}

/** Lets `oidc-provider`, mounted under the tenant, answer; `path` is the one it knows. */
async function handOver(
  c: Context<{ Bindings: HttpBindings }>,
  listener: NodeListener,
  path: string,
): Promise<Response> {
  const { method, raw } = c.req;
  const query = asOidcParameters(new URL(c.req.url).searchParams).toString();
  const url = query ? `${path}?${query}` : path;
  const text = method === "POST" ? await raw.clone().text() : "";
  const isForm = raw.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  const body = isForm ? asOidcParameters(new URLSearchParams(text)).toString() : text;
  return answerOf(listener, { method, url, originalUrl: MOUNTED_AT + url, headers: raw.headers, body });
}
