import type { PeopleMap } from "../domain/people.ts";
import type { Policy } from "../domain/policy.ts";

/** The policy in force; read and validated at start. */
export interface PolicyStore {
  readonly policy: Policy;
  readonly people: PeopleMap;
}
