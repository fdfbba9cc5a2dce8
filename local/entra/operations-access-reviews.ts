import { randomUUID } from "node:crypto";
import { z } from "zod";
import { badRequest, GraphError, notFound } from "./errors.ts";
import { instantText, isLive, type AccessReview, type Entity } from "./facts.ts";
import { needs, type Directory, type GraphApp } from "./graph-app.ts";
import { answerList, answerOne, type EntitySet } from "./odata-query.ts";
import { bodyOf } from "./operations-requests.ts";
import type { DirectoryState } from "./state.ts";

const DAY_MS = 86_400_000;
const DEFINITIONS = "/identityGovernance/accessReviews/definitions";
const LICENSED = ["AAD_PREMIUM_P2", "Entra_Identity_Governance"];
const READS = needs("AccessReview.Read.All", "AccessReview.ReadWrite.All");

const DEFINITION: EntitySet = { type: "accessReviewScheduleDefinition", filterable: [], maximumTop: 100 };
const INSTANCE: EntitySet = { type: "accessReviewInstance", filterable: [] };
const DECISION: EntitySet = { type: "accessReviewInstanceDecisionItem", filterable: [], maximumTop: 100 };

/** Who is eligible for one role: the only scope that is understood here. */
const ROLE_SCOPE =
  /^\/roleManagement\/directory\/roleEligibilityScheduleInstances\?.*roleDefinitionId eq '([-0-9a-f]{36})'/;

const NewReview = z.object({
  displayName: z.string().min(1),
  scope: z.object({ query: z.string().regex(ROLE_SCOPE) }),
  reviewers: z.array(z.object({ query: z.string(), queryType: z.literal("MicrosoftGraph") })).min(1),
  settings: z.object({ instanceDurationInDays: z.int().positive() }),
});

const Answer = z.strictObject({
  displayName: z.string(),
  principalId: z.string(),
  decision: z.enum(["Approve", "Deny", "DontKnow"]),
  justification: z.string().default(""),
  /** Of the reviewer. */
  byId: z.string(),
});

/** Reviews of the eligibility for one role, each of which runs once. What is decided is kept, and applied by nobody here. */
export function mountAccessReviews(graph: GraphApp, directory: Directory): void {
  const { state } = directory;
  const found = (id: string): AccessReview => {
    const review = state.accessReviews.get(id);
    if (!review) throw notFound(id);
    return review;
  };
  graph.post(DEFINITIONS, needs("AccessReview.ReadWrite.All"), async (c) => {
    const body = await bodyOf(c);
    if (!state.settings.servicePlans.some((plan) => LICENSED.includes(plan)))
      throw new GraphError(403, "Forbidden", "The tenant has no licence for access reviews.");
    const review = state.write(() => create(state, body));
    const context = `${directory.baseUrl}/$metadata#identityGovernance/accessReviews/definitions/$entity`;
    return c.json({ "@odata.context": context, ...review.definition }, 201);
  });
  graph.get(DEFINITIONS, READS, (c) =>
    answerList(
      c,
      directory,
      DEFINITION,
      [...state.accessReviews.all()].map(({ definition }) => definition),
    ),
  );
  graph.get(`${DEFINITIONS}/:id`, READS, (c) => {
    const id = c.req.param("id");
    return answerOne(c, directory, DEFINITION, state.accessReviews.get(id)?.definition, id);
  });
  graph.get(`${DEFINITIONS}/:id/instances`, READS, (c) => {
    const { instance, endsAt } = found(c.req.param("id"));
    const status = Date.now() < endsAt ? "InProgress" : "Completed";
    return answerList(c, directory, INSTANCE, [{ ...instance, status }]);
  });
  graph.get(`${DEFINITIONS}/:id/instances/:instance/decisions`, READS, (c) => {
    const { instance, decisions } = found(c.req.param("id"));
    const asked = c.req.param("instance");
    if (instance.id !== asked) throw notFound(asked);
    return answerList(c, directory, DECISION, decisions);
  });
}

function create(state: DirectoryState, body: unknown): AccessReview {
  const parsed = NewReview.safeParse(body);
  if (!parsed.success) throw badRequest(`Invalid access review: ${z.prettifyError(parsed.error)}`);
  const { displayName, scope, settings } = parsed.data;
  const role = ROLE_SCOPE.exec(scope.query)?.[1] ?? "";
  const now = Date.now();
  const endsAt = now + settings.instanceDurationInDays * DAY_MS;
  const [id, instanceId] = [randomUUID(), randomUUID()];
  const holders = [...state.rows.all()].filter(
    (row) => row.kind === "eligibility" && row.roleDefinitionId === role && isLive(row, now),
  );
  const review: AccessReview = {
    definition: { ...(body as Entity), id, displayName, status: "InProgress", createdDateTime: instantText(now) },
    instance: { id: instanceId, startDateTime: instantText(now), endDateTime: instantText(endsAt) },
    endsAt,
    decisions: [...new Set(holders.map(({ principalId }) => principalId))].map((principalId) => ({
      id: randomUUID(),
      accessReviewId: instanceId,
      decision: "NotReviewed",
      justification: null,
      applyResult: "New",
      reviewedBy: null,
      reviewedDateTime: null,
      principal: { id: principalId, displayName: state.users.get(principalId)?.displayName ?? null },
    })),
  };
  state.accessReviews.put(id, review);
  return review;
}

/** A reviewer answers for one principal, as they do in My Access; an answer after the end is refused. */
export function answerAccessReview(state: DirectoryState, parameters: unknown): void {
  const { displayName, principalId, decision, justification, byId } = Answer.parse(parameters);
  const found = [...state.accessReviews.all()].find(({ definition }) => definition.displayName === displayName);
  if (!found?.decisions.some(({ principal }) => principal.id === principalId))
    throw new Error(`${displayName} does not ask for ${principalId}`);
  if (Date.now() >= found.endsAt) throw new Error("the review is over");
  const answer = {
    decision,
    justification,
    reviewedBy: { id: byId, displayName: state.users.get(byId)?.displayName ?? null },
    reviewedDateTime: instantText(Date.now()),
  };
  const decisions = found.decisions.map((item) => (item.principal.id === principalId ? { ...item, ...answer } : item));
  state.accessReviews.put(String(found.definition["id"]), { ...found, decisions });
}
