import { waveBody, type wavePreview } from "../../shared/contracts/change.ts";
import type { z } from "zod";
import type { ChangeItem, ItemProgress } from "../../shared/domain/change.ts";
import type { Assignment } from "../../shared/domain/directory.ts";
import type { DirectoryScopeId, PersonKey, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Governance, Policy } from "../../shared/domain/policy.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { tripleText } from "../../shared/domain/standing-plan.ts";
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
import { readWayBack } from "../standing/read-way-back.ts";

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
    const wrong = checkPlan(read.body, policy);
    if (wrong) return refuseAtDoor(door, caller.account, wrong);
    const seen =
      action === "apply"
        ? await conversion(door, read.body, { ...policy, governance })
        : await back(door, plan.id, wave);
    if ("refusal" in seen) return refuseAtDoor(door, caller.account, seen.refusal);
    const { items, left, again, leftOut } = seen;
    if (!execute) {
      const shown = left.map(({ role, holder, principalId, directoryScopeId }) => ({
        role,
        holder,
        principalId,
        directoryScopeId,
      }));
      const needsSecondPerson = action === "rollback" || wave === 1;
      const preview: Preview = {
        dryRun: true,
        action,
        wave,
        needsSecondPerson,
        items: shown,
        again,
        leftOut: [...leftOut],
      };
      return json(200, preview);
    }
    const kind = action === "apply" ? ("wave" as const) : ("rollback" as const);
    const body = { kind, planId: plan.id, wave, items: items.length };
    return answerAsked(door, context, caller, { because, body, items: action === "apply" ? items : [] });
  });

/**
 * What of a plan is wrong in itself: it was changed, is another tenant's, or was made under another policy. The way back
 * does what was recorded, not what the plan says: it goes under any policy.
 */
function checkPlan(
  { plan, action }: WaveBody,
  { tenantId, hash }: { readonly tenantId: string; readonly hash: string },
): Refusal | undefined {
  const { id, ...content } = plan;
  if (planId(content) !== id) return refusal("PlanEdited");
  if (plan.tenantId !== tenantId) return refusal("PlanOfOtherTenant", plan.tenantId);
  return action === "rollback" || plan.policyHash === hash
    ? undefined
    : refusal("PolicyChanged", "make the plan again");
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

interface Seen {
  readonly items: readonly ChangeItem[];
  /** Those of them that are not done yet. */
  readonly left: readonly ChangeItem[];
  /** Way back: how many stand again. */
  readonly again: number;
  readonly leftOut: readonly string[];
}

async function conversion(
  door: Door,
  body: WaveBody,
  policy: Policy & { readonly governance: Governance },
): Promise<Seen | { readonly refusal: Refusal }> {
  const items = itemsOf(body);
  const fresh = await makePlan(door, policy);
  const refused = await compare(door, items, body.wave, fresh);
  if (refused) return { refusal: refused };
  const standing = new Set(fresh.items.map((item) => tripleText(asAssignment(item))));
  const left = items.filter((item) => standing.has(tripleText(item)));
  return left.length === 0
    ? { refusal: refusal("NothingToDo", "everything of this wave is converted") }
    : { items, left, again: 0, leftOut: [] };
}

async function compare(
  door: Door,
  planned: readonly PlannedItem[],
  wave: number,
  fresh: Awaited<ReturnType<typeof makePlan>>,
): Promise<Refusal | undefined> {
  const eligible = new Set<string>();
  await door.posture.visitEligible((rows) => rows.forEach((row) => eligible.add(tripleText(row))));
  const items = fresh.items.map((item) => ({
    ...item,
    ...asAssignment(item),
    eligibleForMs: parseDuration(item.eligibleFor) ?? 0,
    person: "" as const,
  }));
  return judgeWave(wave, planned, { items, preflight: fresh.preflight }, (one) => eligible.has(tripleText(one)));
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

/** What of the wave can be put back, as stored: for the eye only, the seals are the worker's to check. */
async function back(door: Door, planId: string, wave: number): Promise<Seen | { readonly refusal: Refusal }> {
  const ids = await door.changes.about(subjectOf({ body: { kind: "wave", planId, wave, items: 0 } }));
  const changes = await Promise.all(ids.map((id) => door.changes.allProgress(id)));
  const seen = await readWayBack(
    door,
    changes.map((rows) => rows.flatMap(({ body }) => readProgress(body) ?? [])),
  );
  return "refusal" in seen ? seen : { ...seen, left: seen.items, again: seen.again.length };
}

function readProgress(body: string): ItemProgress | undefined {
  try {
    return JSON.parse(body) as ItemProgress;
  } catch {
    return undefined; // no JSON: somebody else's row
  }
}
