import { needs, type Directory, type GraphApp } from "./graph-app.ts";
import { answerList, type EntitySet } from "./odata-query.ts";

const POLICIES: EntitySet = {
  type: "conditionalAccessPolicy",
  filterable: ["displayName", "state"],
  orderable: [],
  maximumTop: 999,
};

/** Conditional Access policies, to be read; `setAccessPolicy` of the control API changes them. */
export function mountAccessPolicies(graph: GraphApp, directory: Directory): void {
  graph.get("/identity/conditionalAccess/policies", needs("Policy.Read.All"), (c) =>
    answerList(c, directory, POLICIES, [...directory.state.accessPolicies.all()]),
  );
}
