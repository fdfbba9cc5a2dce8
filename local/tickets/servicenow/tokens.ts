import { randomBytes, timingSafeEqual } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Context } from "hono";

const CLIENT_ID = "zero-standing";
/** The user behind our client; the site's ACLs let it write journals only. */
export const INTEGRATION_USER = "svc.zero-standing";
const TOKEN_LIFE_SECONDS = 1_800;

/** Access tokens of the one integration user. They outlive a killed process, as the product's do. */
export class Tokens {
  readonly #database: DatabaseSync;
  #clientSecret: string;

  constructor(database: DatabaseSync, clientSecret: string) {
    this.#database = database;
    this.#clientSecret = clientSecret;
  }

  setClientSecret(secret: string): void {
    this.#clientSecret = secret;
  }

  revokeAll(): void {
    this.#database.exec("DELETE FROM snow_tokens");
  }

  isValid(authorization: string | undefined): boolean {
    const [, token = ""] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
    const row = this.#database.prepare("SELECT expires_at FROM snow_tokens WHERE token = ?").get(token);
    return row !== undefined && Number(row["expires_at"]) > Date.now();
  }

  /** `POST /oauth_token.do`: client credentials in the form or in a Basic header. */
  async answer(c: Context): Promise<Response> {
    const form = new URLSearchParams(await c.req.text());
    const [id, secret] = basicCredentials(c.req.header("authorization")) ?? [
      form.get("client_id") ?? "",
      form.get("client_secret") ?? "",
    ];
    if (form.get("grant_type") !== "client_credentials")
      return c.json({ error: "unsupported_grant_type", error_description: "grant type is not supported" }, 400);
    if (id !== CLIENT_ID || !sameText(secret, this.#clientSecret))
      return c.json({ error: "server_error", error_description: "access_denied" }, 401);
    const token = randomBytes(48).toString("base64url");
    this.#database
      .prepare("INSERT INTO snow_tokens (token, expires_at) VALUES (?, ?)")
      .run(token, Date.now() + TOKEN_LIFE_SECONDS * 1_000);
    return c.json({
      access_token: token,
      scope: "useraccount",
      token_type: "Bearer",
      expires_in: TOKEN_LIFE_SECONDS - 1,
    });
  }
}

function basicCredentials(authorization: string | undefined): readonly [string, string] | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return [decodeURIComponent(decoded.slice(0, colon)), decodeURIComponent(decoded.slice(colon + 1))];
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
