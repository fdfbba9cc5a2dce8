import type { z } from "zod";
import { graphContextPolicy } from "../../contracts/graph.ts";
import type { ContextPolicies, ContextPolicy } from "../../domain/context-policy.ts";
import { isForbidden, type Graph } from "./graph-client.ts";

/**
 * Every Conditional Access policy, which is few. @throws DependencyError
 * @see https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies
 */
export async function readContextPolicies(graph: Graph): Promise<ContextPolicies> {
  try {
    const policies = await graph.list("/identity/conditionalAccess/policies", graphContextPolicy);
    return { kind: "read", policies: policies.map(policyOf) };
  } catch (error) {
    if (isForbidden(error)) return { kind: "notAllowed" };
    throw error;
  }
}

type Shown = z.output<typeof graphContextPolicy>;

function policyOf({ displayName, state, conditions, grantControls, sessionControls }: Shown): ContextPolicy {
  const { users, applications } = conditions;
  const strength = grantControls?.authenticationStrength;
  const frequency = sessionControls?.signInFrequency;
  return {
    name: displayName ?? "a policy without a name",
    state: state ?? "",
    contexts: applications?.includeAuthenticationContextClassReferences ?? [],
    includes: { users: users?.includeUsers ?? [], groups: users?.includeGroups ?? [] },
    excludes: { users: users?.excludeUsers ?? [], groups: users?.excludeGroups ?? [] },
    narrowedBy: [...narrowedBy(conditions), ...leftOut(users)],
    combinations: strength?.allowedCombinations ?? [],
    hasAlternative: grantControls?.operator?.toUpperCase() !== "AND" && hasOtherControls(grantControls),
    everyTime:
      frequency?.isEnabled === true &&
      frequency.frequencyInterval?.toLowerCase() === "everytime" &&
      frequency.authenticationType?.toLowerCase() !== "secondaryauthentication", // it leaves the old sign-in as it is
  };
}

/** Anything beside the strength, known here or not. */
const hasOtherControls = (controls: Shown["grantControls"]): boolean =>
  Object.entries(controls ?? {}).some(
    ([name, value]) =>
      name !== "operator" && name !== "authenticationStrength" && !name.includes("@") && !isEmpty(value),
  );

const OUTSIDERS = "excluded outsiders";
/** Those who may not ask for anything here. `b2bCollaborationMember` may: their account reads as a member's. */
const NOBODY_HERE = [
  "internalguest",
  "b2bcollaborationguest",
  "b2bdirectconnectuser",
  "otherexternaluser",
  "serviceprovider",
];

/** Who is excluded by more than id and group; an exclusion that is not known here leaves somebody out. */
function leftOut(users: Shown["conditions"]["users"]): readonly string[] {
  return Object.entries(users ?? {}).flatMap(([name, value]) => {
    if (!name.startsWith("exclude") || name.includes("@") || isEmpty(value) || name === "excludeGroups") return [];
    if (name === "excludeUsers") return holds(value, "guestsorexternalusers") ? [OUTSIDERS] : [];
    if (name === "excludeRoles") return ["excluded roles"];
    if (name !== "excludeGuestsOrExternalUsers") return [name];
    const kinds = (users?.excludeGuestsOrExternalUsers?.guestOrExternalUserTypes ?? "").split(",");
    return kinds.every((kind) => NOBODY_HERE.includes(kind.trim().toLowerCase())) ? [] : [OUTSIDERS];
  });
}

/** What a condition says when it leaves nothing out; one that is not known here narrows as soon as it says anything. */
function narrowedBy(conditions: Shown["conditions"]): readonly string[] {
  return Object.entries(conditions).flatMap(([name, value]) => {
    if (name === "users" || name === "applications" || name.includes("@") || isEmpty(value)) return [];
    if (name === "clientAppTypes") return holds(value, "all") || holds(value, "browser") ? [] : [name];
    const { includeLocations, excludeLocations, includePlatforms, excludePlatforms } = value as Record<string, unknown>;
    const isWhole =
      (name === "locations" && holds(includeLocations, "all") && isEmpty(excludeLocations)) ||
      (name === "platforms" && holds(includePlatforms, "all") && isEmpty(excludePlatforms));
    return isWhole ? [] : [name];
  });
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

const holds = (value: unknown, word: string): boolean =>
  Array.isArray(value) && value.some((one) => String(one).toLowerCase() === word);
