import { GraphError } from "@microsoft/microsoft-graph-client";
import { graphReviewDecision, graphReviewDefinition, graphReviewInstance } from "../../contracts/graph.ts";
import type { EntraDecision } from "../../domain/entra-review.ts";
import type { PrincipalId } from "../../domain/ids.ts";
import type { AccessReviews, EntraReview } from "../../ports/access-reviews.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import { isForbidden, retryAfterOf, type Graph } from "./graph-client.ts";
import { instantOf } from "./schedules.ts";

const DEFINITIONS = "/identityGovernance/accessReviews/definitions";
/** The most that Graph gives of definitions and of decisions. */
const TOP = "$top=100";
/** An instance in one of these has asked nobody yet. */
const NOT_BEGUN = ["initializing", "notstarted", "starting"];

/**
 * Microsoft Graph v1.0: reviews that run once, whose outcome is applied by us.
 * @see https://learn.microsoft.com/graph/api/accessreviewset-post-definitions
 */
export const createAccessReviews = (graph: Graph): AccessReviews => ({
  open: async (review) => {
    const known = await namesakeOf(graph, review);
    if (known === "forbidden") return { refused: "403: the permission is missing" };
    return known ? { definitionId: known.id } : create(graph, review);
  },
  decisions: async (definitionId) => {
    const definition = `${DEFINITIONS}/${encodeURIComponent(definitionId)}`;
    if (!(await graph.find(definition, graphReviewDefinition))) return undefined;
    const instances = await graph.list(`${definition}/instances`, graphReviewInstance);
    const begun = instances.filter(({ status }) => !NOT_BEGUN.includes(status?.toLowerCase() ?? ""));
    if (begun.length === 0) return undefined;
    const found = new Map<PrincipalId, readonly EntraDecision[]>();
    for (const { id } of begun)
      await graph.visit(
        `${definition}/instances/${encodeURIComponent(id)}/decisions?${TOP}`,
        graphReviewDecision,
        (rows) => {
          for (const row of rows) {
            const about = row.principal?.id as PrincipalId | undefined;
            if (about) found.set(about, [...(found.get(about) ?? []), ...decisionOf(row)]);
          }
        },
      );
    return found;
  },
});

/** Not every filter on the name is answered: names are compared here. */
async function namesakeOf(graph: Graph, { name }: EntraReview): Promise<Definition | "forbidden" | undefined> {
  try {
    const definitions = await graph.list(`${DEFINITIONS}?${TOP}`, graphReviewDefinition);
    return definitions.find(({ displayName }) => displayName === name);
  } catch (error) {
    if (isForbidden(error)) return "forbidden";
    throw error;
  }
}

async function create(graph: Graph, review: EntraReview): ReturnType<AccessReviews["open"]> {
  try {
    const created = graphReviewDefinition.safeParse(await graph.post(DEFINITIONS, bodyOf(review)));
    if (created.success) return { definitionId: created.data.id };
    throw new DependencyError("Rejected", "Graph answered an access review in an unknown form");
  } catch (error) {
    if (error instanceof DependencyError) throw error;
    const status = error instanceof GraphError ? error.statusCode : -1;
    const code = error instanceof GraphError ? (error.code ?? "") : "";
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      return { refused: `${status} ${code}`.trim() };
    const retryAfterMs = retryAfterOf(error);
    throw new DependencyError(status === 429 ? "Throttled" : "Unavailable", "Graph did not open an access review", {
      cause: error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

/** Nothing is decided or applied by Entra itself: what follows from the answers, and from none, is done and read back by us. */
const bodyOf = ({ name, words, roleDefinitionId, reviewers, days }: EntraReview): unknown => ({
  displayName: name,
  descriptionForAdmins: words,
  descriptionForReviewers: words,
  scope: {
    "@odata.type": "#microsoft.graph.accessReviewQueryScope",
    queryType: "MicrosoftGraph",
    query: `/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal&$filter=(isof(principal,'microsoft.graph.user') and roleDefinitionId eq '${roleDefinitionId}')`,
  },
  reviewers: reviewers.map((id) => ({ query: `/users/${id}`, queryType: "MicrosoftGraph" })),
  settings: {
    mailNotificationsEnabled: true,
    reminderNotificationsEnabled: true,
    justificationRequiredOnApproval: true,
    recommendationsEnabled: true,
    defaultDecisionEnabled: false,
    defaultDecision: "None",
    autoApplyDecisionsEnabled: false,
    instanceDurationInDays: days,
  },
});

function decisionOf({ decision, justification, reviewedBy, reviewedDateTime }: Row): readonly EntraDecision[] {
  const said = decision?.toLowerCase();
  const at = instantOf(reviewedDateTime);
  if ((said !== "approve" && said !== "deny") || !reviewedBy?.id || at === undefined) return [];
  return [{ keeps: said === "approve", reason: justification ?? "", by: reviewedBy.id as PrincipalId, at }];
}

type Definition = ReturnType<typeof graphReviewDefinition.parse>;
type Row = ReturnType<typeof graphReviewDecision.parse>;
