import type { ActivationRequest, ActivationState } from "../../shared/domain/activation.ts";
import type { AuditEvent } from "../../shared/domain/audit-event.ts";
import { planApprovers } from "../../shared/domain/approver-plan.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { Verdict } from "../../shared/domain/verdict.ts";
import type { ActivationRecord, PendingRow } from "../../shared/ports/activation-store.ts";
import type { Worker } from "../worker.ts";
import { decisionsOf, stateAfter } from "./after-proof.ts";
import { readApproverFacts } from "./approver-facts.ts";
import { byPerson, closed, closingOf, event } from "./change.ts";
import { stateOf } from "./facts.ts";
import { frozenRequest, sealVerdict, verdictsFor, type FrozenRequest } from "./frozen-request.ts";
import { messagesFor } from "./messages.ts";
import { checkProof, type ProofProblem } from "./proof-check.ts";

/**
 * Verifies one sign-in and records what it proves, or why it proves nothing.
 * @throws DependencyError when the issuer's keys or the directory cannot be read: the proof stays and is tried again
 */
export async function recordProof(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  sealed: string,
): Promise<ActivationRecord> {
  const now = worker.clock.now();
  const frozen = frozenRequest(worker.sealing, record);
  if (!frozen) return failTampered(worker, record, ask, now);
  const { roleDefinitionId } = frozen.request;
  const role = worker.policies.policy.roles.find((one) => one.roleDefinitionId === roleDefinitionId);
  if (!role) return failUnlisted(worker, record, ask, frozen.request, now);
  const checked = await verifyProof(worker, record, sealed, frozen, role, now);
  if ("problem" in checked) return refuseProof(worker, record, ask, checked.problem, now);
  return keepVerdict(worker, record, ask, frozen, role, checked.verdict, now);
}

async function verifyProof(
  worker: Worker,
  record: ActivationRecord,
  sealed: string,
  frozen: FrozenRequest,
  role: RolePolicy,
  now: Instant,
): Promise<{ readonly verdict: Verdict } | { readonly problem: ProofProblem }> {
  const proof = await worker.proofs.open(sealed);
  if (!proof) return { problem: "Unreadable" };
  const token = await worker.idTokens.verify(proof.idToken);
  if ("problem" in token) return { problem: "BadToken" };
  const checked = checkProof(worker, proof, token.signIn, frozen, { state: stateOf(record), role, now });
  if ("problem" in checked || checked.verdict.purpose !== "decision") return checked;
  const entitled = await isEntitled(worker, role, frozen.request, checked.verdict.decision.person);
  return entitled ? checked : { problem: "WrongPerson" };
}

/** Whether the directory and the policy still name the person as an approver, now. */
async function isEntitled(
  worker: Worker,
  role: RolePolicy,
  request: ActivationRequest,
  person: PersonKey,
): Promise<boolean> {
  const approval = role.approval.mode === "manual" ? role.approval : role.approval.unlessSelfMade;
  const requester = worker.policies.people.byKey(request.person);
  if (!approval || !requester) return false;
  const plan = planApprovers(approval, requester.key, await readApproverFacts(worker, approval, requester));
  return "approvers" in plan && plan.approvers.some((approver) => approver.person === person);
}

async function keepVerdict(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  frozen: FrozenRequest,
  role: RolePolicy,
  verdict: Verdict,
  now: Instant,
): Promise<ActivationRecord> {
  const earlier = verdictsFor(worker.sealing, record, frozen.digest);
  const before = stateOf(record);
  const after = stateAfter(frozen.request, role, [...earlier, verdict], before, now);
  // A grant may be under way already: then its outcome is found out first.
  const state =
    before.status === "Granting" && record.intents.length > 0 && after.status === "Denied"
      ? { ...before, stop: after.closing }
      : after;
  const key = `proof-${verdict.nonce}`;
  return worker.store.transition(record, {
    key,
    state,
    verdicts: [sealVerdict(worker.sealing, `${verdict.purpose}-${verdict.nonce}`, verdict)],
    events: [proofEvent(verdict, frozen.request, now)],
    pending: announce(worker, key, frozen.request, before, state, [...earlier, verdict], now),
    done: [ask.key],
  });
}

function proofEvent(verdict: Verdict, request: ActivationRequest, now: Instant): AuditEvent {
  const proof = {
    requestDigest: verdict.requestDigest,
    revision: request.revision,
    authenticatedAt: verdict.authenticatedAt,
    authenticationContexts: verdict.authenticationContexts,
  };
  if (verdict.purpose !== "decision")
    return event(
      "StepUpProven",
      now,
      { purpose: verdict.purpose, ...proof },
      byPerson(request.person, verdict.account),
    );
  const { person, account, verdict: decided } = verdict.decision;
  return event("DecisionRecorded", now, { ...decided, ...proof }, byPerson(person, account));
}

/** Who hears of the new state. */
function announce(
  worker: Worker,
  key: string,
  request: ActivationRequest,
  before: ActivationState,
  state: ActivationState,
  verdicts: readonly Verdict[],
  now: Instant,
): readonly PendingRow[] {
  const messages = messagesFor(worker, request, now);
  const everybody = [request.person, ...request.approvers.filter(({ backup }) => !backup).map(({ person }) => person)];
  switch (state.status) {
    case "AwaitingApproval": {
      if (before.status === "AwaitingApproval") return [];
      const asked = request.approvers.filter(({ backup }) => !backup).map(({ person }) => person);
      return messages.askApproval(key, state.decideBy, asked, "new");
    }
    case "Denied":
      return [
        ...messages.closed(key, everybody, "denied", state.closing),
        messages.note(key, "Access denied by an approver"),
      ];
    case "Ready":
      return [
        ...messages.askStart(key, state.opensAt, state.lapsesAt),
        ...approvedNote(worker, key, request, verdicts, now),
      ];
    case "Granting":
      return before.status === "Granting" ? [] : approvedNote(worker, key, request, verdicts, now);
    default:
      return [];
  }
}

function approvedNote(
  worker: Worker,
  key: string,
  request: ActivationRequest,
  verdicts: readonly Verdict[],
  now: Instant,
): readonly PendingRow[] {
  const names = decisionsOf(verdicts).map(({ person }) => worker.policies.people.byKey(person)?.name ?? person);
  return names.length === 0
    ? []
    : [messagesFor(worker, request, now).note(key, `Access approved by ${names.join(", ")}`)];
}

const refuseProof = (
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  problem: ProofProblem,
  now: Instant,
): Promise<ActivationRecord> =>
  worker.store.transition(record, {
    key: `refused-${ask.key}`,
    state: stateOf(record),
    events: [event("ProofRefused", now, { problem })],
    done: [ask.key],
  });

/** The policy does not broker the role any more. What may have been asked of the directory already is found out first. */
async function failUnlisted(
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  request: ActivationRequest,
  now: Instant,
): Promise<ActivationRecord> {
  if (record.intents.length > 0) return refuseProof(worker, record, ask, "NotAskedNow", now);
  const closing = closingOf("PolicyChanged");
  const key = `closed-${ask.key}`;
  const asked = [request.person, ...request.approvers.map(({ person }) => person)];
  return worker.store.transition(record, {
    key,
    state: closed("Failed", closing, now),
    events: [event("ActivationClosed", now, { closing })],
    pending: messagesFor(worker, request, now).closed(key, asked, "not possible any more", closing),
    done: [ask.key],
  });
}

const failTampered = (
  worker: Worker,
  record: ActivationRecord,
  ask: PendingRow,
  now: Instant,
): Promise<ActivationRecord> =>
  worker.store.transition(record, {
    key: "tampered",
    state: closed("Failed", closingOf("RecordTampered"), now),
    events: [event("TamperingFound", now, { what: "request" })],
    done: [ask.key],
  });
