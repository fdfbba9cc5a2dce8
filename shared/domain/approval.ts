import type { PersonKey, PrincipalId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** A person who may decide, fixed at submission. The slot is the person's number in the request's links. */
export interface Approver {
  readonly slot: number;
  readonly person: PersonKey;
  /** The account that makes the person entitled: named by the policy, member of the group, or the manager. */
  readonly account: PrincipalId;
  /** Asked only after the escalation; counts for every requirement. */
  readonly backup: boolean;
}

/** "`count` of these persons"; every requirement of a request must be met. */
export interface Requirement {
  readonly name: string;
  readonly count: number;
  readonly persons: readonly PersonKey[];
}

/** A decision that the worker verified itself. */
export interface Decision {
  readonly person: PersonKey;
  readonly account: PrincipalId;
  readonly decidedAt: Instant;
  readonly verdict:
    | { readonly kind: "approve"; readonly durationMs: number | undefined }
    | { readonly kind: "deny"; readonly reason: string };
}

export type Tally =
  | { readonly kind: "open"; readonly missing: readonly string[] }
  | { readonly kind: "approved"; readonly by: readonly PersonKey[]; readonly durationMs: number | undefined }
  | { readonly kind: "denied"; readonly by: PersonKey; readonly reason: string };

/**
 * Counts distinct persons per requirement; a denial beats any number of approvals; the requester's own decision never
 * counts. The shortest duration that anybody approved is the approved one.
 */
export function tally(
  requester: PersonKey,
  requirements: readonly Requirement[],
  backups: readonly PersonKey[],
  decisions: readonly Decision[],
): Tally {
  const others = decisions.filter((decision) => decision.person !== requester);
  for (const { person, verdict } of others) {
    if (verdict.kind === "deny") return { kind: "denied", by: person, reason: verdict.reason };
  }
  const approvers = new Set(others.map((decision) => decision.person));
  const counts = (person: PersonKey, requirement: Requirement): boolean =>
    requirement.persons.includes(person) || backups.includes(person);
  const missing = requirements
    .filter((requirement) => [...approvers].filter((person) => counts(person, requirement)).length < requirement.count)
    .map((requirement) => requirement.name);
  if (missing.length > 0) return { kind: "open", missing };
  const limits = others.flatMap(({ verdict }) =>
    verdict.kind === "approve" && verdict.durationMs !== undefined ? [verdict.durationMs] : [],
  );
  return { kind: "approved", by: [...approvers], durationMs: limits.length > 0 ? Math.min(...limits) : undefined };
}
