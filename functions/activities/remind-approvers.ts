import { earliest, plus } from "../../shared/domain/time.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { decisionsOf } from "../activation/after-proof.ts";
import { event } from "../activation/change.ts";
import { deliver } from "../activation/delivery.ts";
import { stateOf } from "../activation/facts.ts";
import { frozenRequest, verdictsFor } from "../activation/frozen-request.ts";
import { messagesFor } from "../activation/messages.ts";
import type { Worker } from "../worker.ts";
import { approvalFor } from "./open-activation.ts";

/** Reminds those who have not decided; from the escalation on the backups are asked too. Once per reminder, even if run twice. */
export async function remindApprovers(worker: Worker, record: ActivationRecord): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const state = stateOf(record);
  const frozen = frozenRequest(worker.sealing, record);
  if (state.status !== "AwaitingApproval" || !frozen || now < state.nextReminderAt) return record;
  const { request, digest } = frozen;
  const role = worker.policies.policy.roles.find(
    ({ roleDefinitionId }) => roleDefinitionId === request.roleDefinitionId,
  );
  const approval = role && approvalFor(role, true);
  const remindAfterMs = approval === undefined || approval === "automatic" ? 0 : approval.remindAfterMs;
  const decided = decisionsOf(verdictsFor(worker.sealing, record, digest)).map(({ person }) => person);
  const escalates = !state.escalated && now >= state.escalateAt;
  const waiting = request.approvers.filter(
    ({ person, backup }) => !decided.includes(person) && (!backup || state.escalated || escalates),
  );
  const key = `reminded-${state.remindersSent + 1}`;
  const next = remindAfterMs > 0 ? plus(now, remindAfterMs) : state.decideBy;
  const reminded = await worker.store.transition(record, {
    key,
    state: {
      ...state,
      remindersSent: state.remindersSent + 1,
      escalated: state.escalated || escalates,
      nextReminderAt:
        earliest(next, state.escalated || escalates ? undefined : state.escalateAt, state.decideBy) ?? state.decideBy,
    },
    events: [
      event(escalates ? "ApproversEscalated" : "ApproversReminded", now, {
        persons: waiting.map(({ person }) => person),
      }),
    ],
    pending: messagesFor(worker, request, now).askApproval(
      key,
      state.decideBy,
      waiting.map(({ person }) => person),
      "reminder",
    ),
  });
  return deliver(worker, reminded);
}
