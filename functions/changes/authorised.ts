import { mayChange, type ChangeBody, type ChangeVerdict, type FrozenChange } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { Governance } from "../../shared/domain/policy.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import type { ChangeWorker } from "./change-worker.ts";
import { changeVerdicts, openedChange, type OpenedChange } from "./frozen-change.ts";
import { governanceFor } from "../policy/open-policy.ts";
import { deciders, secondPersons } from "./second-persons.ts";

/** State and progress carry no time that a seal holds: without this, rows set back would have an old approval used again. */
const WORKED_WITHIN_MS = DAY_MS;

type Decided =
  | { readonly kind: "open" | "confirmed" | "approved" }
  | { readonly kind: "denied"; readonly by: PersonKey; readonly reason: string };

/** What verified sign-ins come to; a denial beats everything, and nobody who asks or gains decides. Pure. */
export function judgeDecisions(frozen: FrozenChange, verdicts: readonly ChangeVerdict[]): Decided {
  const confirmed = verdicts.some(
    ({ slot, person, decision }) => slot === 0 && person === frozen.askedBy && decision.kind === "confirm",
  );
  const others = verdicts.filter(
    ({ slot, person }) =>
      person !== frozen.askedBy &&
      !frozen.gains.includes(person) &&
      frozen.approvers.some((approver) => approver.slot === slot && approver.person === person),
  );
  for (const { person, decision } of others)
    if (decision.kind === "deny") return { kind: "denied", by: person, reason: decision.reason };
  if (!confirmed) return { kind: "open" };
  const approved = frozen.approvers.length === 0 || others.some(({ decision }) => decision.kind === "approve");
  return { kind: approved ? "approved" : "confirmed" };
}

/** Everything that permits the work, read and verified again right before it; or what is missing. @throws DependencyError */
export async function authorise(
  worker: ChangeWorker,
  record: ChangeRecord,
): Promise<{ readonly opened: OpenedChange } | { readonly refusal: Refusal }> {
  const opened = openedChange(worker.sealing, record);
  if (!opened) return { refusal: refusal("RecordTampered") };
  const { frozen, digest } = opened;
  const { policy } = worker.policies;
  if (!mayChange(policy, frozen.body)) return { refusal: refusal("ObserveOnly") };
  if (frozen.body.kind === "review") return { opened }; // it only takes away, and runs for longer than policies live
  const governance = governanceFor(policy, frozen.body);
  if (policy.hash !== frozen.policyHash || !governance) return { refusal: refusal("PolicyChanged") };
  const verdicts = changeVerdicts(worker.sealing, record, digest);
  const decided = judgeDecisions(frozen, verdicts);
  if (decided.kind === "denied") return { refusal: refusal("RejectedByApprover", decided.reason) };
  if (decided.kind !== "approved") return { refusal: refusal("RecordTampered", "a sign-in is missing") };
  if (frozen.body.kind !== "policy" && !(await worker.acceptance.isAccepted()))
    return { refusal: refusal("PolicyNotAccepted") };
  const counting =
    frozen.approvers.length === 0
      ? verdicts.filter(({ decision }) => decision.kind === "confirm")
      : await entitledApprovals(worker, frozen, governance, verdicts);
  if (counting.length === 0) return { refusal: refusal("ApproverNotEntitled") };
  const from = plus(worker.clock.now(), -WORKED_WITHIN_MS);
  if (!counting.some(({ authenticatedAt }) => authenticatedAt >= from))
    return { refusal: refusal("ApprovalTimedOut", "what was agreed to is worked within a day") };
  const gap = gives(frozen.body) ? await worker.contextGuard.gap() : undefined;
  if (gap !== undefined) return { refusal: refusal("ContextGap", gap) };
  return { opened };
}

/** Whether somebody may have more afterwards. Settings and policies are how such a gap is closed, so they go on. */
const gives = (body: ChangeBody): boolean =>
  body.kind === "rollback" || (body.kind === "eligibility" && body.action !== "remove");

/** The approvals of those who may still give one, as the directory has it now. */
async function entitledApprovals(
  worker: ChangeWorker,
  frozen: FrozenChange,
  governance: Governance,
  verdicts: readonly ChangeVerdict[],
): Promise<readonly ChangeVerdict[]> {
  const second = await secondPersons(worker, await deciders(worker, frozen, governance), frozen, frozen.gains);
  const entitled = new Set(second.map(({ person }) => person));
  return verdicts.filter(
    ({ slot, person, decision }) => slot > 0 && decision.kind === "approve" && entitled.has(person),
  );
}
