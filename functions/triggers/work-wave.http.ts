import { waveBody, type wavePreview } from "../../shared/contracts/change.ts";
import type { z } from "zod";
import type { ChangeItem, ItemProgress } from "../../shared/domain/change.ts";
import type { Assignment } from "../../shared/domain/directory.ts";
import type { DirectoryScopeId, PersonKey, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { parseDuration } from "../../shared/domain/time.ts";
import { judgeWave, type PlannedItem } from "../../shared/domain/wave.ts";
import { subjectOf } from "../../shared/ports/change-store.ts";
import { answerAsked } from "../changes/answer-asked.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { makePlan, planId } from "../standing/make-plan.ts";

/** A plan of twenty thousand assignments. */
const MOST_BYTES = 16 * 1_048_576;

type WaveBody = z.output<typeof waveBody>;
type Preview = z.input<typeof wavePreview>;

/**
 * `POST /api/standing/waves`: works one wave of a plan or takes it back, or says what that would be. Nothing of the plan
 * is believed: the worker makes its own of that moment and compares. Identity team only.
 */
export const workWave = (door: Door): Handler =>
  forIdentityTeam(door, async (request, caller, context) => {
    const { policy } = door.policies;
    const { governance } = policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    const read = await readJson(request, waveBody, MOST_BYTES);
    if ("answer" in read) return refuseAtDoor(door, caller.account, { reason: "InvalidRequest" }, read.answer);
    const { action, wave, because, execute, plan } = read.body;
    const items = action === "apply" ? itemsOf(read.body) : await convertedItems(door, plan.id, wave);
    const refused =
      checkPlan(read.body, policy) ??
      (action === "apply"
        ? await compare(door, items, wave, await makePlan(door, { ...policy, governance }))
        : items.length === 0
          ? refusal("NothingToDo", "nothing of this wave was converted")
          : undefined);
    if (refused) return refuseAtDoor(door, caller.account, refused);
    if (!execute) {
      const shown = items.map(({ role, holder, principalId, directoryScopeId }) => ({
        role,
        holder,
        principalId,
        directoryScopeId,
      }));
      const needsSecondPerson = action === "rollback" || wave === 1;
      return json(200, { dryRun: true, action, wave, needsSecondPerson, items: shown } satisfies Preview);
    }
    const kind = action === "apply" ? ("wave" as const) : ("rollback" as const);
    const body = { kind, planId: plan.id, wave, items: items.length };
    return answerAsked(door, context, caller, { because, body, items: action === "apply" ? items : [] });
  });

/** What of a plan is wrong in itself: it was changed, is another tenant's, or was made under another policy. */
function checkPlan(
  { plan }: WaveBody,
  { tenantId, hash }: { readonly tenantId: string; readonly hash: string },
): Refusal | undefined {
  const { id, ...content } = plan;
  if (planId(content) !== id) return refusal("PlanEdited");
  if (plan.tenantId !== tenantId) return refusal("PlanOfOtherTenant", plan.tenantId);
  return plan.policyHash === hash ? undefined : refusal("PolicyChanged", "make the plan again");
}

const itemsOf = ({ plan, wave }: WaveBody): readonly ChangeItem[] =>
  plan.items
    .filter((item) => item.action === "convert" && item.wave === wave)
    .map((item) => ({
      action: "convert",
      principalId: item.principalId as PrincipalId,
      roleDefinitionId: item.roleDefinitionId as RoleDefinitionId,
      directoryScopeId: item.directoryScopeId as DirectoryScopeId,
      role: item.role,
      holder: item.holder,
      person: item.person as PersonKey | "",
      eligibleForMs: parseDuration(item.eligibleFor) ?? 0,
      madeEligible: false,
    }));

async function compare(
  door: Door,
  planned: readonly PlannedItem[],
  wave: number,
  fresh: Awaited<ReturnType<typeof makePlan>>,
): Promise<Refusal | undefined> {
  const eligible = new Set<string>();
  const text = (one: Assignment): string => `${one.principalId} ${one.roleDefinitionId} ${one.directoryScopeId}`;
  await door.posture.visitEligible((rows) => rows.forEach((row) => eligible.add(text(row))));
  const items = fresh.items.map((item) => ({ ...item, ...asAssignment(item), eligibleForMs: 0, person: "" as const }));
  return judgeWave(wave, planned, { items, preflight: fresh.preflight }, (one) => eligible.has(text(one)));
}

const asAssignment = (item: {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly directoryScopeId: string;
}): Assignment => ({
  principalId: item.principalId as PrincipalId,
  roleDefinitionId: item.roleDefinitionId as RoleDefinitionId,
  directoryScopeId: item.directoryScopeId as DirectoryScopeId,
});

/** What conversions of the wave finished, as stored: for the eye only, the seals are the worker's to check. */
async function convertedItems(door: Door, plan: string, wave: number): Promise<readonly ChangeItem[]> {
  const ids = await door.changes.about(subjectOf({ body: { kind: "wave", planId: plan, wave, items: 0 } }));
  const rows = (await Promise.all(ids.map((id) => door.changes.allProgress(id)))).flat();
  const finished = rows.flatMap(({ body }) => {
    const progress = readProgress(body);
    return progress?.finished === true && progress.item.action === "convert" && progress.takes > 0
      ? [progress.item]
      : [];
  });
  return [
    ...new Map(
      finished.map((item) => [`${item.principalId} ${item.roleDefinitionId} ${item.directoryScopeId}`, item]),
    ).values(),
  ];
}

function readProgress(body: string): ItemProgress | undefined {
  try {
    return JSON.parse(body) as ItemProgress;
  } catch {
    return undefined; // no JSON: somebody else's row
  }
}
