import type { PostureView } from "../../shared/contracts/standing.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { timeText } from "../output/times.ts";

export type RoleCounts = PostureView["roles"][number];
const COUNTS = ["standing", "eligible", "activeNow", "timeBoundOutside"] as const;

/** One role now, and how it was. */
export interface ComparedRole {
  readonly role: string;
  readonly now: RoleCounts | undefined;
  readonly before: RoleCounts | undefined;
}

/** Every role of either list, in the order of risk. */
export function compared(now: readonly RoleCounts[], before: readonly RoleCounts[] = []): readonly ComparedRole[] {
  const ids = new Set(
    [...now, ...before]
      .toSorted((a, b) => a.risk - b.risk || a.role.localeCompare(b.role))
      .map(({ roleDefinitionId }) => roleDefinitionId),
  );
  return [...ids].map((id) => {
    const [after, earlier] = [now, before].map((some) => some.find(({ roleDefinitionId }) => roleDefinitionId === id));
    return { role: (after ?? earlier)?.role ?? id, now: after, before: earlier };
  });
}

/** The posture in the terminal. */
export function postureText(view: PostureView, before: readonly RoleCounts[] | undefined): readonly string[] {
  const rows = compared(view.roles, before).map((one) => [
    safeText(one.role),
    ...COUNTS.map((count) => cell(one, count, before !== undefined)),
  ]);
  return [
    `How roles are held at ${timeText(view.readAt)}`,
    "",
    ...table(["ROLE", "STANDING", "ELIGIBLE", "ACTIVE NOW", "TIME-BOUND OUTSIDE"], rows),
    ...section(
      "Groups that hold roles",
      view.groups,
      ({ role, holder, how, members, owners, eligible }) =>
        `${role}: ${holder} (${how}); members: ${listed(members)}; owners, who can add anybody: ${listed(owners)}; can activate that: ${eligible ? listed(eligible) : GROUP_ELIGIBILITIES_NOT_READ}`,
    ),
    ...section("Service principals", view.servicePrincipals, ({ role, holder, how }) => `${role}: ${holder} (${how})`),
    "",
    APPLICATIONS_TITLE,
    ...applicationLines(view.applications).map((line) => `  ${safeText(line)}`),
    "",
    DELEGATED_TITLE,
    ...delegatedLines(view.delegated).map((line) => `  ${safeText(line)}`),
    ...section("Guests", view.guests, ({ role, holder, how }) => `${role}: ${holder} (${how})`),
    ...section(
      "Identities of this system",
      view.ownIdentities,
      ({ role, holder, how }) => `${role}: ${holder} (${how})`,
    ),
    ...section(
      "Exceptions of the policy",
      view.exceptions,
      ({ role, holder, owner, until, because, stands, inForce }) =>
        `${role}: ${holder}, for ${owner} until ${until.slice(0, 10)}${inForce ? "" : " (over)"}: ${because}${stands ? "" : " (does not stand)"}`,
    ),
    ...section(
      "Custom roles",
      view.roles.filter(({ builtIn }) => !builtIn),
      ({ role, standing, eligible }) => `${role}: ${standing} standing, ${eligible} eligible`,
    ),
  ];
}

export const GROUP_ELIGIBILITIES_NOT_READ = "not read (PrivilegedEligibilitySchedule.Read.AzureADGroup)";
export const APPLICATIONS_TITLE = "Applications with tier-0 permissions of Microsoft Graph, or with roles";
export const APPLICATIONS_NOT_READ =
  "Not read: this system lacks the permission Application.Read.All. There may be applications that can take the tenant, and people who own them.";
export const REGISTRATIONS_ELSEWHERE =
  "Where an application is registered in another tenant, whoever owns the registration there is not seen, and can use it too.";
export const DELEGATED_TITLE = "Delegated tier-0 permissions of Microsoft Graph";
export const DELEGATED_NOT_READ =
  "Not read: this system lacks the permission DelegatedPermissionGrant.Read.All or Application.Read.All. There may be applications that can take the tenant when an administrator signs in to them.";
export const DELEGATED_MEANING =
  "Such an application can do what the person who signs in to it can do with the role that they hold then.";

function applicationLines(applications: PostureView["applications"]): readonly string[] {
  if (!applications.read) return [APPLICATIONS_NOT_READ];
  return [
    ...(applications.items.length === 0 ? ["None."] : applications.items.map(applicationLine)),
    REGISTRATIONS_ELSEWHERE,
  ];
}

const applicationLine = (one: ShownApplication): string =>
  `${applicationName(one)}: permissions: ${listed(one.permissions)}; roles: ${listed(one.roles)}; owners, who can add a secret: ${ownersText(one)}`;

function delegatedLines(delegated: PostureView["delegated"]): readonly string[] {
  if (!delegated.read) return [DELEGATED_NOT_READ];
  if (delegated.items.length === 0) return ["None."];
  return [
    ...delegated.items.map((one) => `${applicationName(one)}, for ${forWhom(one)}: ${listed(one.permissions)}`),
    DELEGATED_MEANING,
  ];
}

export const forWhom = ({ person }: ShownDelegated): string => person ?? "everybody";

type ShownDelegated = Extract<PostureView["delegated"], { readonly read: true }>["items"][number];

type ShownApplication = Extract<PostureView["applications"], { readonly read: true }>["items"][number];

export const applicationName = ({ name, own, enabled }: Pick<ShownApplication, "name" | "own" | "enabled">): string =>
  `${name}${own ? " (of this system)" : ""}${enabled ? "" : " (disabled)"}`;

export const ownersText = ({ owners, registrationOwners, moreOwners }: ShownApplication): string =>
  `${listed([...owners, ...registrationOwners.map((name) => `${name} (app registration)`)])}${moreOwners ? ", perhaps more" : ""}`;

const cell = ({ now, before }: ComparedRole, count: (typeof COUNTS)[number], compares: boolean): string =>
  compares && (before?.[count] ?? 0) !== (now?.[count] ?? 0)
    ? `${before?.[count] ?? 0} -> ${now?.[count] ?? 0}`
    : `${now?.[count] ?? 0}`;

const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

const section = <T>(title: string, items: readonly T[], line: (item: T) => string): readonly string[] =>
  items.length === 0 ? [] : ["", title, ...items.map((item) => `  ${safeText(line(item))}`)];
