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
  const others = [
    ...(grantControls?.builtInControls ?? []),
    ...(grantControls?.customAuthenticationFactors ?? []),
    ...(grantControls?.termsOfUse ?? []),
  ];
  const frequency = sessionControls?.signInFrequency;
  return {
    name: displayName ?? "a policy without a name",
    state: state ?? "",
    contexts: applications?.includeAuthenticationContextClassReferences ?? [],
    includes: { users: users?.includeUsers ?? [], groups: users?.includeGroups ?? [] },
    excludes: { users: users?.excludeUsers ?? [], groups: users?.excludeGroups ?? [] },
    narrowedBy: [...narrowedBy(conditions), ...((users?.excludeRoles ?? []).length > 0 ? ["excluded roles"] : [])],
    combinations: strength?.allowedCombinations ?? [],
    hasAlternative: grantControls?.operator?.toUpperCase() !== "AND" && others.length > 0,
    everyTime: frequency?.isEnabled === true && frequency.frequencyInterval?.toLowerCase() === "everytime",
  };
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
