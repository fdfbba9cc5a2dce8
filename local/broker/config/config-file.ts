import { readFileSync } from "node:fs";
import { RIGHTS, type Right } from "../auth/grants.ts";
import type { IdentityAccess } from "../auth/identity.ts";
import type { SasKey } from "../auth/sas.ts";
import type { NamespaceSettings } from "../model/settings.ts";
import { readQueue, readTopic } from "./entities.ts";
import { checkForwards } from "./forwards.ts";
import { ConfigError, Reader } from "./reader.ts";

/** What a configuration file says. */
export interface BrokerConfig {
  readonly namespace: NamespaceSettings;
  /** Keys of its own; without any the one key of the emulator holds. */
  readonly keys: readonly SasKey[];
  /** Which identity may do what; without any every identity of the issuer may do everything. */
  readonly access: readonly IdentityAccess[];
}

/** Reads a file in the form of the official emulator. @throws ConfigError with one sentence that names the place */
export function readConfigFile(file: string): BrokerConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new ConfigError(`The file ${file} cannot be read.`);
  }
  return parseConfig(text, file);
}

export function parseConfig(text: string, file = "Config.json"): BrokerConfig {
  try {
    return readConfig(new Reader(JSON.parse(text), ""));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigError(`${file} is not JSON: ${error.message}.`);
    if (error instanceof ConfigError) throw new ConfigError(`${file}: ${error.message}`);
    throw error;
  }
}

function readConfig(root: Reader): BrokerConfig {
  const namespaces = root.at("UserConfig").at("Namespaces");
  const [first, second] = namespaces.items();
  if (!first) return namespaces.fail("is missing or empty");
  if (second) second.fail("is one too many: a broker has one namespace");
  const namespace: NamespaceSettings = {
    name: first.at("Name").text(),
    queues: first.at("Queues").items().map(readQueue),
    topics: first.at("Topics").items().map(readTopic),
  };
  checkNames(first);
  checkForwards(first, namespace);
  const own = root.at("Zs");
  const keys = own.isAbsent ? [] : own.at("Keys").items().map(readKey);
  const access = own.isAbsent ? [] : own.at("Access").items().map(readAccess);
  return { namespace, keys, access };
}

/** Queues and topics share their names, whatever the case. */
function checkNames(namespace: Reader): void {
  const topics = namespace.at("Topics").items();
  unique([...namespace.at("Queues").items(), ...topics]);
  for (const topic of topics) unique(topic.at("Subscriptions").items());
}

function unique(entities: readonly Reader[]): void {
  const seen = new Set<string>();
  for (const entity of entities) {
    const name = entity.at("Name").text();
    if (seen.has(name.toLowerCase())) entity.at("Name").fail(`is taken already: "${name}"`);
    seen.add(name.toLowerCase());
  }
}

const readKey = (key: Reader): SasKey => ({
  name: key.at("Name").text(),
  key: key.at("Key").text(),
  rights: rightsIn(key),
  path: key.at("Entity").optionalText() ?? "",
});

const readAccess = (entry: Reader): IdentityAccess => ({
  id: entry.at("Id").text(),
  rights: rightsIn(entry),
  path: entry.at("Entity").optionalText() ?? "",
});

const rightsIn = (holder: Reader): readonly Right[] =>
  holder
    .at("Rights")
    .items()
    .map((right) => RIGHTS.find((known) => known === right.text()) ?? right.fail("is not Send, Listen or Manage"));
