import { contextGaps, type ContextGap } from "../../shared/domain/context-policy.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { PostureDirectory } from "../../shared/ports/posture-directory.ts";

interface Reader {
  readonly policies: PolicyStore;
  readonly posture: Pick<PostureDirectory, "contextPolicies" | "holdingGroup">;
}

/** Says what a person looks at where this system may not. */
export const NOT_CHECKED: ContextGap = {
  id: "context not checked",
  text:
    "Conditional Access is not checked: this system may not read its policies (Policy.Read.All). Look by hand that a policy " +
    "behind each authentication context is on, covers everybody in people.yaml, demands a phishing-resistant strength, and a sign-in every time.",
};

/** Where the policies behind our authentication contexts fall short, or that nobody may look. @throws DependencyError */
export async function readContextGaps({ policies, posture }: Reader): Promise<readonly ContextGap[]> {
  const { policy, people } = policies;
  const contexts = [...new Set(policy.roles.map(({ stepUp }) => stepUp.authenticationContext))].toSorted();
  const found = await posture.contextPolicies();
  if (found.kind === "notAllowed") return [NOT_CHECKED];
  const concerned = found.policies.filter((one) => one.contexts.some((context) => contexts.includes(context)));
  const groups = new Set(concerned.flatMap(({ includes, excludes }) => [...includes.groups, ...excludes.groups]));
  const members = await Promise.all(
    [...groups].map(async (id) => {
      const group = await posture.holdingGroup(id as Parameters<PostureDirectory["holdingGroup"]>[0]);
      return [id, new Set<string>(group?.members ?? [])] as const;
    }),
  );
  const accounts = people
    .all()
    .flatMap(({ name, dailyAccount, adminAccounts }) => [dailyAccount, ...adminAccounts].map((id) => ({ id, name })));
  return contextGaps(concerned, { contexts, accounts, members: new Map(members) });
}

/** Conditional Access answers one request a second to the whole tenant. */
const LOOKED_AGAIN_AFTER_MS = 5 * MINUTE_MS;

/**
 * Whether grants stop because of a gap, where the policy says that they do: looked at every five minutes at most. What
 * cannot be read is a fault, and grants wait. @throws DependencyError
 */
export function createContextGuard(reader: Reader & { readonly clock: Clock }): {
  readonly gap: () => Promise<string | undefined>;
} {
  let seen: { readonly at: Instant; readonly gap: string | undefined } | undefined;
  return {
    gap: async () => {
      if (reader.policies.policy.governance?.stopGrantsOnContextGap !== true) return undefined;
      const now = reader.clock.now();
      const isFresh = seen !== undefined && seen.at <= now && now < plus(seen.at, LOOKED_AGAIN_AFTER_MS);
      if (!seen || !isFresh) seen = { at: now, gap: (await readContextGaps(reader))[0]?.text };
      return seen.gap;
    },
  };
}
