import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { TokenIssuer } from "./auth/identity.ts";

export const USAGE = `node local/broker/main.ts [options]: a Service Bus broker, until Ctrl-C

  --config FILE        entities, in the form of the official emulator's Config.json (local/broker/config.json)
  --data DIR           where the messages are kept (.local/broker)
  --port N             the AMQP port; 0 takes a free one (5672)
  --host ADDRESS       where to listen (127.0.0.1)
  --key TEXT           the key RootManageSharedAccessKey (SAS_KEY_VALUE)
  --issuer URL         accept tokens of this identity provider, with
  --jwks URL           its public keys
  --tls-cert FILE      speak TLS: certificate and
  --tls-key FILE       private key, PEM
  --help               this text`;

export interface BrokerArguments {
  readonly config: string | undefined;
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly key: string | undefined;
  readonly issuer: TokenIssuer | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

const STRING = { type: "string" } as const;
const OPTIONS = {
  config: STRING,
  data: { ...STRING, default: ".local/broker" },
  port: { ...STRING, default: "5672" },
  host: { ...STRING, default: "127.0.0.1" },
  key: STRING,
  issuer: STRING,
  jwks: STRING,
  "tls-cert": STRING,
  "tls-key": STRING,
  help: { type: "boolean", default: false },
} as const;

/** Reads the command line. @throws Error with one line that says what is wrong */
export function parseBrokerArguments(args: readonly string[]): BrokerArguments | "help" {
  const { values } = parseArgs({ args: [...args], allowPositionals: false, options: OPTIONS });
  if (values.help) return "help";
  return {
    config: values.config,
    data: values.data,
    port: portIn(values.port),
    host: values.host,
    key: values.key,
    issuer: issuerIn(values.issuer, values.jwks),
    tls: tlsIn(values["tls-cert"], values["tls-key"]),
  };
}

function portIn(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port is a number from 0 to 65535, not ${text}`);
}

function issuerIn(issuer: string | undefined, jwksUrl: string | undefined): TokenIssuer | undefined {
  if (issuer === undefined && jwksUrl === undefined) return undefined;
  if (issuer !== undefined && jwksUrl !== undefined && URL.canParse(jwksUrl)) return { issuer, jwksUrl };
  throw new Error("--issuer and --jwks belong together, and --jwks is an address");
}

function tlsIn(cert: string | undefined, key: string | undefined): BrokerArguments["tls"] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new Error("--tls-cert and --tls-key belong together");
  return { cert: readText(cert), key: readText(key) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error(`the file ${file} cannot be read`);
  }
}
