import type { PeopleFile } from "./people-schema.ts";
import type { ManualEntry, NamedSource } from "./approval-schema.ts";
import { roleNamed } from "./policy-shape.ts";
import type { RoleEntry, RolesFile } from "./roles-schema.ts";
import { pathText, type Finding, type YamlPath } from "./yaml-source.ts";

/** What must be unique in `people.yaml`: an account or a ticket user means one person and nobody else. */
export function checkPeople({ people }: PeopleFile): readonly Finding[] {
  const entries = Object.entries(people);
  const accounts = entries.flatMap(([key, { daily, admin }]) => [
    { path: ["people", key, "daily"], value: daily },
    ...admin.map((account, index) => ({ path: ["people", key, "admin", index], value: account })),
  ]);
  const usersOf = (system: "servicenow" | "jira"): readonly Claim[] =>
    entries.flatMap(([key, person]) =>
      person[system] === undefined ? [] : [{ path: ["people", key, system], value: person[system] }],
    );
  return [accounts, usersOf("servicenow"), usersOf("jira")].flatMap(repeated);
}

/** What must be unique in `roles.yaml`, and the names in it that must mean something. */
export function checkRoles(file: RolesFile): readonly Finding[] {
  const ids = file.roles.map(({ id }, index) => ({ path: ["roles", index, "id"], value: id }));
  const names = file.roles.map(({ role }, index) => ({ path: ["roles", index, "role"], value: role.toLowerCase() }));
  return [
    ...repeated(ids),
    ...repeated(names),
    ...file.roles.flatMap((role, index) => [
      ...checkTickets(role, file).map(under("roles", index)),
      ...approvalsOf(role).flatMap(({ path, approval }) =>
        checkSources(approval, "group", Object.keys(file.groups)).map(under("roles", index, ...path)),
      ),
    ]),
    ...checkGovernanceNames(file.governance, "group", Object.keys(file.groups)),
    ...(file.governance?.nativeDoor === undefined || file.governance.nativeDoor in file.groups
      ? []
      : [{ path: ["governance", "nativeDoor"], message: `${file.governance.nativeDoor} is no group of this file` }]),
    ...(file.governance?.exceptions ?? []).flatMap(({ role }, index) =>
      roleNamed(file, role)
        ? []
        : [{ path: ["governance", "exceptions", index, "role"], message: `${role} is no role of this file` }],
    ),
    ...Object.entries(file.senders).flatMap(([name, { roles }]) =>
      roles.flatMap((role, index) =>
        roleNamed(file, role)
          ? []
          : [{ path: ["senders", name, "roles", index], message: `${role} is no role of this file` }],
      ),
    ),
  ];
}

/** What the two files must agree on. */
export function checkTogether(file: RolesFile, { people }: PeopleFile): readonly Finding[] {
  const holders = new Map(
    Object.entries(people).flatMap(([key, { daily, admin }]) =>
      [daily, ...admin].map((account) => [account, key] as const),
    ),
  );
  const owned = file.breakGlass.flatMap((account, index) => {
    const key = holders.get(account);
    return key === undefined ? [] : [{ path: ["breakGlass", index], message: `must belong to nobody, not to ${key}` }];
  });
  const unknown = file.roles.flatMap((role, index) =>
    approvalsOf(role).flatMap(({ path, approval }) =>
      checkSources(approval, "person", Object.keys(people)).map(under("roles", index, ...path)),
    ),
  );
  const unknownSenders = Object.entries(file.senders).flatMap(([name, { people: persons }]) =>
    persons.flatMap((person, index) =>
      person === "all" || person in people
        ? []
        : [{ path: ["senders", name, "people", index], message: `${person} is nobody in people.yaml` }],
    ),
  );
  const unknownOwners = (file.governance?.exceptions ?? []).flatMap(({ owner }, index) =>
    owner in people
      ? []
      : [{ path: ["governance", "exceptions", index, "owner"], message: `${owner} is nobody in people.yaml` }],
  );
  const unknownDeciders = checkGovernanceNames(file.governance, "person", Object.keys(people));
  return [...owned, ...unknown, ...unknownSenders, ...unknownOwners, ...unknownDeciders];
}

interface Claim {
  readonly path: YamlPath;
  readonly value: string;
}

function repeated(claims: readonly Claim[]): readonly Finding[] {
  const first = new Map<string, YamlPath>();
  return claims.flatMap(({ path, value }) => {
    const before = first.get(value);
    if (before) return [{ path, message: `${value} is there already, at ${pathText(before)}` }];
    first.set(value, path);
    return [];
  });
}

const under =
  (...path: YamlPath) =>
  (finding: Finding): Finding => ({ ...finding, path: [...path, ...finding.path] });

function checkTickets(role: RoleEntry, { ticketSystems }: RolesFile): readonly Finding[] {
  return role.tickets.flatMap(({ ticket, window, approved }, index) => {
    const system = ticketSystems[ticket.system];
    const type = system?.types[ticket.type];
    const path = ["tickets", index];
    if (!system) return [{ path: [...path, "ticket"], message: `${ticket.system} is not among ticketSystems` }];
    if (!type) {
      const known = Object.keys(system.types).join(", ");
      return [{ path: [...path, "ticket"], message: `${ticket.type} is no type of ${ticket.system}; known: ${known}` }];
    }
    if (ticket.system === "jira" && (approved ?? type.approved) === true)
      return [
        { path, message: "must not say `approved: true` for jira: name the statuses that need approval under `open`" },
      ];
    const needsWindow = (window ?? type.window ?? "required") === "required";
    const hasWindow = system.fields.windowStart !== undefined && system.fields.windowEnd !== undefined;
    return needsWindow && !hasWindow
      ? [{ path, message: `needs a window, but ${ticket.system} has no fields windowStart and windowEnd` }]
      : [];
  });
}

/** Every manual approval of a role, with the place where it stands. */
function approvalsOf({ approval }: RoleEntry): readonly { readonly path: YamlPath; readonly approval: ManualEntry }[] {
  if (approval.mode === "manual") return [{ path: ["approval"], approval }];
  return approval.unlessSelfMade ? [{ path: ["approval", "unlessSelfMade"], approval: approval.unlessSelfMade }] : [];
}

function checkSources(approval: ManualEntry, kind: "group" | "person", known: readonly string[]): readonly Finding[] {
  return checkNames(
    [
      ...approval.requirements.flatMap(({ from }, index) =>
        from.map((source, at) => ({ path: ["requirements", index, "from", at], source })),
      ),
      ...approval.backups.map((source, at) => ({ path: ["backups", at], source })),
    ],
    kind,
    known,
  );
}

const checkGovernanceNames = (
  governance: RolesFile["governance"],
  kind: "group" | "person",
  known: readonly string[],
): readonly Finding[] =>
  checkNames(
    [
      ...(["owners", "approvers"] as const).flatMap((key) =>
        (governance?.[key] ?? []).map((source, at) => ({ path: ["governance", key, at], source })),
      ),
      ...(["reviewers", "escalateTo"] as const).flatMap((key) =>
        (governance?.reviews?.[key] ?? []).map((source, at) => ({ path: ["governance", "reviews", key, at], source })),
      ),
    ],
    kind,
    known,
  );

function checkNames(
  places: readonly { readonly path: YamlPath; readonly source: NamedSource }[],
  kind: "group" | "person",
  known: readonly string[],
): readonly Finding[] {
  return places.flatMap(({ path, source }) => {
    const name = source.kind === "group" ? source.group : source.kind === "person" ? source.person : "";
    return source.kind !== kind || known.includes(name)
      ? []
      : [{ path: [...path, kind], message: `${name} is no known ${kind}; known: ${known.join(", ")}` }];
  });
}
