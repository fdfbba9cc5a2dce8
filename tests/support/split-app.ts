import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AzureSASCredential, TableClient } from "@azure/data-tables";
import { partSettings, readRights, type AppPartName } from "../../local/stack/parts.ts";
import type { Stack } from "../../local/stack/stack.ts";

const IDENTITY_HEADERS = {
  front: "frontIdentityHeader",
  worker: "identityHeader",
  sweeper: "sweeperIdentityHeader",
} as const;

/** What somebody has who took one part of the app over: its settings and its identity. */
export class TakenOverPart {
  readonly #stack: Stack;
  readonly #part: AppPartName;

  constructor(stack: Stack, part: AppPartName) {
    this.#stack = stack;
    this.#part = part;
  }

  /** A call of Graph as the part's identity; answers the status. */
  async graph(method: string, path: string, body?: unknown): Promise<number> {
    const { addresses, dataDirectory } = this.#stack;
    const { secrets } = JSON.parse(readFileSync(join(dataDirectory, "secrets.json"), "utf8")) as {
      readonly secrets: Readonly<Record<string, string>>;
    };
    const identity = await fetch(`${addresses.login}/msi/token?resource=${addresses.graph}&api-version=2019-08-01`, {
      headers: { "x-identity-header": secrets[IDENTITY_HEADERS[this.#part]] ?? "" },
    });
    const { access_token: token } = (await identity.json()) as { readonly access_token: string };
    const answer = await fetch(`${addresses.graph}/v1.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.text();
    return answer.status;
  }

  /** A table as the part's settings open it; `undefined`: they have no signature for it. */
  table(name: string): TableClient | undefined {
    const { storage } = this.#stack.addresses;
    const [, key = ""] = /AccountKey=([^;]+)/.exec(storage) ?? [];
    const [, account = ""] = /AccountName=([^;]+)/.exec(storage) ?? [];
    const [, tableUrl = ""] = /TableEndpoint=([^;]+)/.exec(storage) ?? [];
    const settings = partSettings(this.#part, {}, { rights: readRights("."), storage: { account, key, tableUrl } });
    const signature = (settings["STORAGE_TABLE_SAS"] ?? "")
      .split(",")
      .find((one) => one.startsWith(`${name}?`))
      ?.slice(name.length + 1);
    const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
    return signature === undefined
      ? undefined
      : new TableClient(tableUrl, name, new AzureSASCredential(signature), options);
  }
}
