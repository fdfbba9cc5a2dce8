import { digestOf } from "../crypto/digest.ts";
import { peopleMap, type PeopleMap, type Person } from "../domain/people.ts";
import type { Policy } from "../domain/policy.ts";

/** What the two files state, names resolved and defaults filled in. */
export interface CheckedPolicy {
  readonly policy: Omit<Policy, "hash">;
  readonly persons: readonly Person[];
}

export interface PolicyInForce {
  readonly policy: Policy;
  readonly people: PeopleMap;
}

/** The hash covers what the files mean: comments, order of keys and short forms do not change it. */
export const policyInForce = ({ policy, persons }: CheckedPolicy): PolicyInForce => ({
  policy: { ...policy, hash: digestOf({ policy, persons }) },
  people: peopleMap(persons),
});
