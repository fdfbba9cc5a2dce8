import { expect } from "vitest";
import type { StackSettings } from "../../local/service.ts";

export type Json = Record<string, unknown>;

/** Calls the ServiceNow simulator over its socket. Every call has a connection of its own, so restarts are not felt. */
export class ServicenowClient {
  readonly #address: string;
  readonly #clientSecret: string;

  constructor({ addresses, secrets }: StackSettings) {
    this.#address = addresses.servicenow;
    this.#clientSecret = secrets.servicenowClientSecret;
  }

  tokenRequest(clientSecret: string): Promise<Response> {
    const body = { grant_type: "client_credentials", client_id: "zero-standing", client_secret: clientSecret };
    const headers = { connection: "close" };
    return fetch(`${this.#address}/oauth_token.do`, { method: "POST", headers, body: new URLSearchParams(body) });
  }

  async accessToken(): Promise<string> {
    const answer = (await (await this.tokenRequest(this.#clientSecret)).json()) as Json;
    return String(answer["access_token"]);
  }

  async get(path: string, token?: string): Promise<Response> {
    const authorization = `Bearer ${token ?? (await this.accessToken())}`;
    const headers = { authorization, accept: "application/json", connection: "close" };
    return fetch(this.#address + path, { headers });
  }

  async patch(path: string, body: Json): Promise<void> {
    const authorization = `Bearer ${await this.accessToken()}`;
    const headers = { authorization, "content-type": "application/json", connection: "close" };
    const answer = await fetch(this.#address + path, { method: "PATCH", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
  }

  async table(
    name: string,
    parameters: Record<string, string>,
    base = "/api/now/table",
  ): Promise<{ rows: Json[]; headers: Headers }> {
    const answer = await this.get(`${base}/${name}?${new URLSearchParams(parameters).toString()}`);
    expect(answer.status).toBe(200);
    const { result } = (await answer.json()) as { result: Json[] };
    return { rows: result, headers: answer.headers };
  }
}

/** Calls the Jira simulator over its socket. */
export class JiraClient {
  readonly #address: string;
  readonly #apiToken: string;

  constructor({ addresses, secrets }: StackSettings) {
    this.#address = addresses.jira;
    this.#apiToken = secrets.jiraApiToken;
  }

  send(path: string, init: RequestInit = {}, token = this.#apiToken): Promise<Response> {
    const credentials = Buffer.from(`zero-standing@contoso.example:${token}`).toString("base64");
    const headers = {
      authorization: `Basic ${credentials}`,
      "content-type": "application/json",
      connection: "close",
    };
    return fetch(this.#address + path, { ...init, headers });
  }

  async json(path: string): Promise<Json> {
    const answer = await this.send(path);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Json;
  }
}
