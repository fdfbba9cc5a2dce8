import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { StackSecrets } from "../service.ts";

interface SecretsFile {
  readonly secrets: Record<string, string>;
  readonly privateKeys: Record<string, string>;
  readonly publicKeys: Record<string, string>;
}

/** Random secrets and P-256 keys by name: made when first asked for, then the same for the life of a data directory. */
export class SecretStore {
  readonly #file: string;
  readonly #kept: SecretsFile;

  constructor(file: string) {
    this.#file = file;
    this.#kept = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as SecretsFile)
      : { secrets: {}, privateKeys: {}, publicKeys: {} };
  }

  /** 32 random bytes in base64. */
  secret(name: string): string {
    return (this.#kept.secrets[name] ??= randomBytes(32).toString("base64"));
  }

  /** PKCS8 PEM of the key pair of that name. */
  privateKeyPem(name: string): string {
    return this.#keyPair(name).privateKey;
  }

  /** SPKI PEM of the key pair of that name. */
  publicKeyPem(name: string): string {
    return this.#keyPair(name).publicKey;
  }

  /** What the parts share with each other. */
  stackSecrets(): StackSecrets {
    return {
      identityHeader: this.secret("identityHeader"),
      frontIdentityHeader: this.secret("frontIdentityHeader"),
      sweeperIdentityHeader: this.secret("sweeperIdentityHeader"),
      signInClientSecret: this.secret("signInClientSecret"),
      servicenowClientSecret: this.secret("servicenowClientSecret"),
      servicenowWebhookSecret: this.secret("servicenowWebhookSecret"),
      jiraApiToken: this.secret("jiraApiToken"),
      jiraWebhookSecret: this.secret("jiraWebhookSecret"),
      jiraAutomationSecret: this.secret("jiraAutomationSecret"),
    };
  }

  /** Whole or not at all, readable by its owner only. */
  save(): void {
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(this.#kept, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  #keyPair(name: string): { readonly privateKey: string; readonly publicKey: string } {
    const privateKey = this.#kept.privateKeys[name];
    const publicKey = this.#kept.publicKeys[name];
    if (privateKey !== undefined && publicKey !== undefined) return { privateKey, publicKey };
    const made = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    this.#kept.privateKeys[name] = made.privateKey;
    this.#kept.publicKeys[name] = made.publicKey;
    return made;
  }
}
