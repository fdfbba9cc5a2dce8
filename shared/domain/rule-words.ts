import type { RoleRule } from "./baseline.ts";

/** What setting a rule changes, in words for who agrees to it; every field that differs is said. Pure. */
export function ruleChangeText(before: RoleRule, wanted: RoleRule): string {
  const [from, to] = [ruleText(before), ruleText(wanted)];
  const known = fieldsOf(wanted.id);
  const [was, is] = [before, wanted].map((rule) => flatten(rule, known)) as [Flat, Flat];
  const others = [...new Set([...was.keys(), ...is.keys()])]
    .toSorted()
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => `${path} ${was.get(path) ?? "nothing"} becomes ${is.get(path) ?? "nothing"}`);
  return [...(from === to ? [] : [`${from} becomes ${to}`]), ...others].join("; ") || "it is written otherwise";
}

/** What the words of `ruleText` say; everything else is shown as it stands. */
function fieldsOf(id: string): readonly string[] {
  if (id.startsWith("Expiration")) return ["isExpirationRequired", "maximumDuration"];
  if (id.startsWith("Enablement")) return ["enabledRules"];
  if (id.startsWith("AuthenticationContext")) return ["isEnabled", "claimValue"];
  return id.startsWith("Approval") ? ["isApprovalRequired", "primaryApprovers", "escalationApprovers"] : [];
}

function ruleText(rule: RoleRule): string {
  const { id } = rule;
  if (id.startsWith("Expiration"))
    return rule["isExpirationRequired"] === true
      ? `an end after at most ${String(rule["maximumDuration"])}`
      : "no end is needed";
  if (id.startsWith("Enablement")) return listOf(rule["enabledRules"]).map(String).join(", ") || "nothing is needed";
  if (id.startsWith("AuthenticationContext"))
    return rule["isEnabled"] === true
      ? `the authentication context ${String(rule["claimValue"])}`
      : "no authentication context";
  return id.startsWith("Approval") ? approvalText(recordOf(rule["setting"])) : "";
}

function approvalText(setting: Readonly<Record<string, unknown>>): string {
  const stages = listOf(setting["approvalStages"]).map(recordOf);
  const approvers = stages
    .flatMap((stage) => [...listOf(stage["primaryApprovers"]), ...listOf(stage["escalationApprovers"])])
    .map(recordOf)
    .map(({ groupId, userId }) => {
      if (typeof groupId === "string") return `the group ${groupId}`;
      return typeof userId === "string" ? userId : "others";
    });
  const by = approvers.join(", ");
  if (setting["isApprovalRequired"] === true) return `approval by ${by || "nobody named"}`;
  return by === "" ? "no approval" : `no approval (named: ${by})`;
}

type Flat = ReadonlyMap<string, string>;

const UNSAID = ["id", "target"];

function flatten(value: unknown, without: readonly string[], path = "", into = new Map<string, string>()): Flat {
  if (typeof value !== "object" || value === null) return into.set(path, String(value));
  for (const [key, inner] of Object.entries(value))
    if (![...UNSAID, ...without].includes(key) && !key.startsWith("@odata"))
      flatten(inner, without, path === "" ? key : `${path} / ${key}`, into);
  return into;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
