import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { at, scopeOf, type Resource } from "./deployment.ts";
import { INFRA } from "./sources.ts";

/** `infra/permissions.yaml`, as far as Azure is concerned. */
interface Permissions {
  readonly platform: Readonly<Record<"hostBlobs" | "telemetry", string>>;
  readonly parts: Readonly<Record<string, PartPermissions>>;
}
interface PartPermissions {
  readonly graph: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, "read" | "append" | "write">>;
  readonly queues: Readonly<Record<string, readonly ("send" | "listen")[]>>;
  readonly secrets: readonly string[];
  readonly taskHub?: boolean;
  readonly signs?: string;
  readonly auditCopy?: "append";
}

export const readPermissions = (): Permissions =>
  parse(readFileSync(join(INFRA, "permissions.yaml"), "utf8")) as Permissions;

/** Built-in roles that may be used, each without a wildcard in what it allows on data. */
const BUILT_IN: Readonly<Record<string, string>> = {
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "blobs",
  "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "queues",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "tables",
  "4633458b-17de-408a-b874-0445c86b69e6": "secrets",
  "0ad04412-c4d5-4796-b79c-f76d14c8d402": "task-hub",
};

/** What the role assignments of a deployment give, one line each: who, which right, on what. */
export const rightsGiven = (resources: readonly Resource[]): readonly string[] =>
  resources
    .filter(({ type }) => type === "Microsoft.Authorization/roleAssignments")
    .map((assignment) => `${whoGets(assignment)} ${rightOf(assignment, resources)} ${thing(scopeOf(assignment))}`)
    .sort();

const whoGets = (assignment: Resource): string =>
  /Microsoft\.Web\/sites\/func-([a-z]+)-\w+', '[\d-]+', 'full'\)\.identity\.principalId\]$/.exec(
    String(at(assignment, "principalId")),
  )?.[1] ?? `somebody (${String(at(assignment, "principalId"))})`;

function rightOf(assignment: Resource, resources: readonly Resource[]): string {
  const id = String(at(assignment, "roleDefinitionId"));
  const guid = id.slice(id.lastIndexOf("/") + 1);
  const ours = resources.find(({ type, name }) => type === "Microsoft.Authorization/roleDefinitions" && name === guid);
  const [, named] = /^Zero Standing ([\w-]+) \(/.exec(String(ours && at(ours, "roleName"))) ?? [];
  return named ?? BUILT_IN[guid] ?? `a role that nobody knows (${guid})`;
}

/** A scope without the suffix that every name has: the kind of thing, and its name. */
const thing = (scope: string): string => scope.replace(/^~\/Microsoft\.\w+\//, "").replaceAll(/-?rkz63ajwh4ff2/g, "");

/** What `permissions.yaml` says, in the same words. */
export function rightsAsked(
  { parts, platform }: Permissions,
  { senders, scheduler, single }: { senders: readonly string[]; scheduler: boolean; single: boolean },
): readonly string[] {
  const lines = Object.entries(parts).flatMap(([part, may]) => {
    const who = single ? "all" : part;
    const account = `storageAccounts/st${who}`;
    return [
      ...Object.entries(may.tables).map(
        ([table, right]) => `${who} table-${right} storageAccounts/sttables/tableServices/default/tables/${table}`,
      ),
      ...Object.entries(may.queues).flatMap(([name, rights]) => {
        const entities = name === "requests-*" ? senders.map((sender) => `queues/requests-${sender}`) : [entity(name)];
        return entities.flatMap((one) => rights.map((right) => `${who} bus-${right} namespaces/sb/${one}`));
      }),
      ...(may.taskHub && scheduler ? [`${who} task-hub schedulers/dts/taskHubs/ZeroStanding`] : []),
      ...(may.taskHub && !scheduler ? [`${who} queues ${account}`, `${who} tables ${account}`] : []),
      ...(may.secrets.length > 0 ? [`${who} secrets vaults/kv-${who}`] : []),
      ...(may.signs ? [`${who} key-sign vaults/kv-${who}/keys/${may.signs}`] : []),
      ...(may.auditCopy
        ? [`${who} blob-${may.auditCopy} storageAccounts/staudit/blobServices/default/containers/audit`]
        : []),
      ...("hostBlobs" in platform ? [`${who} blobs ${account}`] : []),
      ...("telemetry" in platform ? [`${who} telemetry components/appi`] : []),
    ];
  });
  return [...new Set(single ? lines.filter((line) => !isCovered(line, lines)) : lines)].sort();
}

const entity = (name: string): string => (name === "activation-events" ? `topics/${name}` : `queues/${name}`);

/** One identity has the stronger right only. */
function isCovered(line: string, lines: readonly string[]): boolean {
  const stronger: Readonly<Record<string, readonly string[]>> = {
    "table-read": ["table-append", "table-write"],
    "table-append": ["table-write"],
  };
  const [, right = "", of = ""] = line.split(" ");
  return (stronger[right] ?? []).some((better) => lines.includes(`all ${better} ${of}`));
}
