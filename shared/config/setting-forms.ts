import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import * as z from "zod";
import { parsePrincipalId } from "../domain/ids.ts";
import { Secret } from "./secret.ts";

/** A setting in one form. Problems name the form that is expected, never the value. */
const setting = <T>(expected: string, parse: (text: string) => T | undefined) =>
  z.string("is missing").transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue(`must be ${expected}`);
    return z.NEVER;
  });

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** The one transport rule: https, or http with a literal loopback address. Names can be pointed anywhere, `localhost` too. */
function parseAddress(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return undefined;
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  return allowed ? url.href.replace(/\/+$/, "") : undefined;
}

export const address = setting("https, or http with a literal loopback address, without query or user", parseAddress);

export const guid = setting("a GUID", parsePrincipalId);

export const text = setting("text", (value) => value);

export const guidList = setting("a comma list of GUIDs", (list) => {
  const ids = list.split(",").map((id) => parsePrincipalId(id.trim()));
  return ids.every((id) => id !== undefined) ? ids : undefined;
});

export const secret = setting("text", (value) => new Secret(value));

/** Two are valid at once while a secret is changed. */
export const secretPair = setting("one secret, or two with a comma between them", (list) => {
  const secrets = list.split(",").map((one) => one.trim());
  return secrets.length <= 2 && secrets.every((one) => one !== "") ? new Secret(secrets) : undefined;
});

export const taskHubName = setting("3 to 45 letters and digits, a letter first", (name) =>
  /^[A-Za-z][A-Za-z0-9]{2,44}$/.test(name) ? name : undefined,
);

/** Several keys may be valid at once; the first one signs. */
export interface KeyRing {
  readonly keys: readonly { readonly id: number; readonly secret: Uint8Array }[];
}

export const keyRing = setting(
  "`<id>:<base64>`, several with commas, ids 0 to 255 and different, keys of 32 bytes or more",
  (list): Secret<KeyRing> | undefined => {
    const keys = list.split(",").map((one) => parseKey(one.trim()));
    const whole = keys.every((key) => key !== undefined) ? keys : [];
    const ids = new Set(whole.map(({ id }) => id));
    return whole.length > 0 && ids.size === whole.length ? new Secret({ keys: whole }) : undefined;
  },
);

function parseKey(text: string): KeyRing["keys"][number] | undefined {
  const match = /^(\d{1,3}):([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (!match) return undefined;
  const [, id = "", encoded = ""] = match;
  const bytes = Buffer.from(encoded, "base64");
  const exact = bytes.toString("base64").replaceAll("=", "") === encoded.replaceAll("=", "");
  return Number(id) <= 255 && exact && bytes.length >= 32 ? { id: Number(id), secret: bytes } : undefined;
}

export const privateKey = setting("a P-256 private key, PKCS8 PEM", (pem) =>
  pem.includes("BEGIN PRIVATE KEY") ? p256(() => createPrivateKey(withLines(pem))) : undefined,
);

export const publicKey = setting("a P-256 public key, SPKI PEM", (pem) =>
  pem.includes("BEGIN PUBLIC KEY") ? p256(() => createPublicKey(withLines(pem))) : undefined,
);

export const vaultKey = setting(
  "the identifier of a key in a vault: https://<vault>/keys/<name>, with a version or without",
  (text) => {
    const address = parseAddress(text);
    return address !== undefined && /^[^/]+:\/\/[^/]+\/keys\/[A-Za-z0-9-]{1,127}(\/[0-9a-f]{32})?$/.test(address)
      ? address
      : undefined;
  },
);

/** Settings often hold one line only: `\n` stands for its end. */
const withLines = (pem: string): string => pem.replaceAll("\\n", "\n");

function p256(read: () => KeyObject): KeyObject | undefined {
  try {
    const key = read();
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** An `sb:` endpoint is TLS; the emulator's plain form is for a literal loopback address only. */
export const busConnection = setting(
  "a Service Bus connection string; with UseDevelopmentEmulator only at a literal loopback address",
  (connection) => {
    const [, host = ""] = /(?:^|;)\s*Endpoint=sb:\/\/(\[[^\]]+\]|[^:/;]+)/i.exec(connection) ?? [];
    const signed = /(?:^|;)\s*(SharedAccessKey|SharedAccessSignature)=/i.test(connection);
    const plain = /(?:^|;)\s*UseDevelopmentEmulator=true/i.test(connection);
    return host !== "" && signed && (!plain || LOOPBACK.test(host)) ? new Secret(connection) : undefined;
  },
);

export const hostName = setting("a host name such as example.servicebus.windows.net", (name) =>
  /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(name) ? name : undefined,
);

/** Every endpoint in the string obeys the transport rule; without the one that is used, all are the cloud's own. */
const connectionTo = (endpoint: "tableendpoint" | "blobendpoint") =>
  setting(
    "a storage connection string whose endpoints are https, or http with a literal loopback address",
    (connection) => {
      const parts = new Map(
        connection.split(";").flatMap((part) => {
          const [, name, value] = /^([^=]+)=(.*)$/.exec(part.trim()) ?? [];
          return name !== undefined && value !== undefined ? [[name.toLowerCase(), value] as const] : [];
        }),
      );
      const endpoints = [...parts].filter(([name]) => name.endsWith("endpoint")).map(([, address]) => address);
      const named = parts.has("accountname") || parts.has("sharedaccesssignature");
      const secure = parts.get("defaultendpointsprotocol")?.toLowerCase() !== "http" || parts.has(endpoint);
      const fine = named && secure && endpoints.every((one) => parseAddress(one) !== undefined);
      return fine ? new Secret(connection) : undefined;
    },
  );

export const storageConnection = connectionTo("tableendpoint");
export const blobConnection = connectionTo("blobendpoint");

/** One shared access signature per table: what a table is missing for, nobody here may touch. */
export const tableSignatures = setting(
  "`<table>?<signature>`, several with commas",
  (list): Secret<ReadonlyMap<string, string>> | undefined => {
    const signatures = list.split(",").map((one) => /^([a-z]+)\?(\S*\bsig=\S+)$/.exec(one.trim()));
    return signatures.every((one) => one !== null)
      ? new Secret(new Map(signatures.map(([, table = "", signature = ""]) => [table, signature])))
      : undefined;
  },
);
