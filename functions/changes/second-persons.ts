import { planApprovers } from "../../shared/domain/approver-plan.ts";
import type { Approver } from "../../shared/domain/approval.ts";
import type { Change } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Governance, ManualApproval } from "../../shared/domain/policy.ts";
import { readApproverFacts } from "../activation/approver-facts.ts";
import { decidersOf } from "../policy/open-policy.ts";
import type { ChangeWorker } from "./change-worker.ts";

/** Persons who may decide now: named by the policy, entitled by the directory, neither the asker nor anybody who gains. */
export async function secondPersons(
  worker: Pick<ChangeWorker, "directory" | "policies">,
  governance: Governance,
  change: Pick<Change, "askedBy">,
  gains: readonly PersonKey[],
): Promise<readonly Approver[]> {
  const asker = worker.policies.people.byKey(change.askedBy);
  if (!asker) return [];
  const approval: ManualApproval = {
    requirements: [{ name: "Second person", count: 1, from: governance.approvers }],
    decideWithinMs: governance.decideWithinMs,
    remindAfterMs: governance.decideWithinMs / 4,
    escalateAfterMs: governance.decideWithinMs / 2,
    backups: [],
  };
  const plan = planApprovers(approval, change.askedBy, await readApproverFacts(worker, approval, asker));
  return "refusal" in plan ? [] : plan.approvers.filter(({ person }) => !gains.includes(person));
}

/** The governance that names the second person: for a changed policy, the one that was accepted before it. */
export const deciders = async (
  { acceptance }: Pick<ChangeWorker, "acceptance">,
  { body }: Pick<Change, "body">,
  governance: Governance,
): Promise<Governance> => (body.kind === "policy" ? decidersOf(await acceptance.last(), governance) : governance);
