import type { AcceptedPolicies } from "../../ports/policy-acceptance.ts";
import { rowOfSealed, sealedOfRow } from "./activation-rows.ts";
import { plainKey } from "./keys.ts";
import type { Tables } from "./tables.ts";

const PARTITION = "policy";

/** Accepted policies over Azure Table Storage. @throws DependencyError */
export const createAcceptedPolicies = ({ controls }: Pick<Tables, "controls">): AcceptedPolicies => ({
  list: async () => (await controls.partition(PARTITION)).map(sealedOfRow),
  // Put, not inserted: a forged row in its place must not keep a true one out.
  accept: (hash, row) => controls.put([rowOfSealed(PARTITION, plainKey(`accepted-${hash}`), row)]),
});
