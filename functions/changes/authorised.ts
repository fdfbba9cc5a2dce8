import { mayChange, type ChangeVerdict, type FrozenChange } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import type { ChangeWorker } from "./change-worker.ts";
import { changeVerdicts, openedChange, type OpenedChange } from "./frozen-change.ts";
import { deciders, secondPersons } from "./second-persons.ts";

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
  if (policy.hash !== frozen.policyHash || !policy.governance) return { refusal: refusal("PolicyChanged") };
  const verdicts = changeVerdicts(worker.sealing, record, digest);
  const decided = judgeDecisions(frozen, verdicts);
  if (decided.kind === "denied") return { refusal: refusal("RejectedByApprover", decided.reason) };
  if (decided.kind !== "approved") return { refusal: refusal("RecordTampered", "a sign-in is missing") };
  if (frozen.body.kind !== "policy" && !(await worker.acceptance.isAccepted()))
    return { refusal: refusal("PolicyNotAccepted") };
  if (frozen.approvers.length > 0) {
    const entitled = new Set(
      (await secondPersons(worker, await deciders(worker, frozen, policy.governance), frozen, frozen.gains)).map(
        ({ person }) => person,
      ),
    );
    const counts = verdicts.some(
      ({ slot, person, decision }) => slot > 0 && decision.kind === "approve" && entitled.has(person),
    );
    if (!counts) return { refusal: refusal("ApproverNotEntitled") };
  }
  return { opened };
}
