import { policyDifferences, type StatedPolicy } from "../../shared/domain/policy-change.ts";
import type { Governance } from "../../shared/domain/policy.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";

const MOST_LINES = 60;

/** A changed policy is to take effect: what changes, in words, for the second person. */
export async function openPolicy(worker: ChangeWorker, { change, policy }: Opening<"policy">): Promise<OpeningResult> {
  if (change.body.hash !== policy.hash) return { refusal: refusal("PolicyChanged", "the service runs another policy") };
  if (await worker.acceptance.isAccepted()) return { refusal: refusal("NothingToDo", "the policy is accepted") };
  const last = await worker.acceptance.last();
  const { hash, ...stated } = policy;
  const lines = last ? policyDifferences(last, { policy: stated, persons: worker.policies.people.all() }) : [];
  const more = lines.length - MOST_LINES;
  const words = [
    `The policy ${hash.slice(0, 12)} takes effect: ${lines.length} differences.`,
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
  return { contents: { items: [], words, needsApproval: true } };
}

/**
 * Who may be the second person is said by the policy that was accepted last, not by the one that wants to be; where that
 * one said nothing, its identity team is.
 */
export function decidersOf(last: StatedPolicy | undefined, governance: Governance): Governance {
  if (!last) return governance;
  const { policy } = last;
  return policy.governance ?? { ...governance, approvers: [{ kind: "group", group: policy.identityTeamGroup }] };
}
