import type { PartReport } from "../../../shared/contracts/doctor.ts";
import { fault, fine, type CheckResult } from "../../../shared/domain/doctor.ts";
import type { PermissionsFile } from "../permissions-file.ts";
import type { Inventory, Right } from "./inventory.ts";
import { allows } from "./role-powers.ts";

/** One kind of thing that rights are given on one by one: tables, queues and topics. */
interface Kind {
  readonly resourceType: string;
  /** The names behind the account or namespace, up to the name of the thing. */
  readonly below: RegExp;
  readonly what: string;
  /** Each right with the data actions any of which makes it. */
  readonly rights: Readonly<Record<string, readonly string[]>>;
}

const ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities";
const MESSAGES = "Microsoft.ServiceBus/namespaces/messages";
const KINDS: readonly Kind[] = [
  {
    resourceType: "microsoft.storage/storageaccounts",
    below: /^\/tableservices\/default\/tables\/([^/]+)$/,
    what: "the table",
    rights: {
      read: [`${ENTITIES}/read`],
      append: [`${ENTITIES}/add/action`],
      write: [`${ENTITIES}/update/action`, `${ENTITIES}/write`, `${ENTITIES}/delete`],
    },
  },
  {
    resourceType: "microsoft.servicebus/namespaces",
    below: /^\/(?:queues|topics)\/([^/]+)$/,
    what: "the queue or topic",
    rights: { send: [`${MESSAGES}/send/action`], listen: [`${MESSAGES}/receive/action`] },
  },
];

/**
 * What the identity of each part may do to tables, queues and topics, compared with what the file gives it. Only where
 * rights are given on them one by one, which is how the account and the namespace are known. Pure.
 */
export function judgeEntityRights(
  inventory: Inventory,
  reports: readonly Pick<PartReport, "part" | "identity">[],
  { parts }: PermissionsFile,
): readonly CheckResult[] {
  const split = reports.flatMap(({ part, identity }) =>
    part === "all" || !identity ? [] : [{ part, principalId: identity.principalId.toLowerCase() }],
  );
  return split.flatMap(({ part, principalId }) => {
    const rights = inventory.rights.filter((right) => right.principalId === principalId && !right.eligible);
    const looked = KINDS.flatMap((kind) => {
      const given = kind.what === "the table" ? tableRights(parts[part].tables) : Object.entries(parts[part].queues);
      return namedEntities(inventory, kind).map((entity) => ({ kind, entity, given: givenOn(entity.name, given) }));
    });
    const faults = looked.flatMap(({ kind, entity, given }) => judgeEntity(part, rights, kind, entity, given));
    if (looked.length === 0) return [];
    return faults.length > 0
      ? faults
      : [
          fine(
            "permissions",
            `The ${part} has the rights on ${looked.length} tables, queues and topics that it is given, and no other.`,
          ),
        ];
  });
}

interface Entity {
  readonly id: string;
  readonly name: string;
}

/** The things that somebody has a right on, and on nothing wider. */
function namedEntities({ resources, rights }: Inventory, { resourceType, below }: Kind): readonly Entity[] {
  const roots = resources.filter(({ type }) => type === resourceType).map(({ id }) => id.toLowerCase());
  const found = rights.flatMap(({ scope }) => {
    const id = scope.toLowerCase();
    const root = roots.find((one) => id.startsWith(`${one}/`));
    const [, name] = (root && below.exec(id.slice(root.length))) || [];
    return name === undefined ? [] : [[id, { id, name }] as const];
  });
  return [...new Map(found).values()];
}

function judgeEntity(
  part: string,
  rights: readonly Right[],
  { what, rights: wanted }: Kind,
  { id, name }: Entity,
  given: readonly string[],
): readonly CheckResult[] {
  return Object.entries(wanted).flatMap(([right, actions]) => {
    const by = rights.filter((one) => covers(one.scope, id) && actions.some((action) => isAllowed(one, action)));
    const isGiven = given.includes(right);
    const [first] = by;
    if (isGiven && !first) return [fault("permissions", `The ${part} may not ${right} on ${what} ${name}.`, DEPLOY)];
    if (!isGiven && first)
      return [
        fault(
          "permissions",
          `The ${part} may ${right} on ${what} ${name} (${first.role.roleName} at ${first.scope}), which infra/permissions.yaml does not give it.`,
          by.map((one) => `az role assignment delete --ids "${one.id}"`).join("; "),
        ),
      ];
    return [];
  });
}

const DEPLOY = "Deploy infra anew: it gives each identity the rights that infra/permissions.yaml names.";

const covers = (scope: string, id: string): boolean => {
  const at = scope.toLowerCase();
  return at === "/" || at.startsWith("/providers/microsoft.management/") || id === at || id.startsWith(`${at}/`);
};

const isAllowed = ({ role }: Right, action: string): boolean =>
  role.permissions.some(({ dataActions, notDataActions }) => allows(action, dataActions, notDataActions));

/** Who may write may add, and who may add may read. */
const WIDTH = ["read", "append", "write"];
const tableRights = (
  tables: Readonly<Record<string, string>>,
): readonly (readonly [name: string, rights: readonly string[]])[] =>
  Object.entries(tables).map(([name, level]) => [name, WIDTH.slice(0, WIDTH.indexOf(level) + 1)]);

/** A name in the file may end in `*`. */
const givenOn = (
  name: string,
  given: readonly (readonly [name: string, rights: readonly string[]])[],
): readonly string[] => {
  const exact = given.find(([one]) => one.toLowerCase() === name);
  const wide = given.find(([one]) => one.endsWith("*") && name.startsWith(one.slice(0, -1).toLowerCase()));
  return (exact ?? wide)?.[1] ?? [];
};
