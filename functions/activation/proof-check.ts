import { signInNonce } from "../../shared/crypto/nonce.ts";
import type { ActivationState } from "../../shared/domain/activation.ts";
import type { Decision } from "../../shared/domain/approval.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { MINIMUM_DURATION_MS } from "../../shared/domain/opening.ts";
import type { RolePolicy } from "../../shared/domain/policy.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import type { Verdict } from "../../shared/domain/verdict.ts";
import type { DecisionContent, SignInProof } from "../../shared/ports/sealing.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { Worker } from "../worker.ts";
import type { FrozenRequest } from "./frozen-request.ts";

/** Why a sign-in does not count; goes to the audit trail, so it names no person and no token. */
export type ProofProblem =
  | "NotForThisRequest"
  | "WrongAccount"
  | "WrongPerson"
  | "ContextMissing"
  | "SignInTooOld"
  | "NotAskedNow"
  | "OwnRequest"
  | "BadContent"
  | "BadToken"
  | "Unreadable";

/**
 * The worker's own check of a sign-in (I13): the id token was verified by its issuer's keys, its nonce was made for
 * exactly this request, purpose and decision, and the account is the one that is asked. The front's word counts nothing.
 */
export function checkProof(
  worker: Pick<Worker, "policies">,
  proof: SignInProof,
  signIn: VerifiedSignIn,
  frozen: FrozenRequest,
  context: { readonly state: ActivationState; readonly role: RolePolicy; readonly now: Instant },
): { readonly verdict: Verdict } | { readonly problem: ProofProblem } {
  const { request, digest } = frozen;
  const { purpose, content, random } = proof;
  if (purpose === "resume" || purpose === "change" || purpose === "reviews") return { problem: "NotForThisRequest" }; // they are for other things
  if (signIn.nonce !== signInNonce({ purpose, requestDigest: digest, content, random }))
    return { problem: "NotForThisRequest" };
  if (!isAskedNow(proof, context.state, context.now)) return { problem: "NotAskedNow" };
  if (!signIn.authenticationContexts.includes(context.role.stepUp.authenticationContext))
    return { problem: "ContextMissing" };
  if (msOf(context.now) - msOf(signIn.authenticatedAt) > context.role.stepUp.maxAgeMs)
    return { problem: "SignInTooOld" };
  const common = {
    activationId: request.activationId,
    requestDigest: digest,
    nonce: signIn.nonce,
    authenticatedAt: signIn.authenticatedAt,
    verifiedAt: context.now,
    authenticationContexts: signIn.authenticationContexts,
  };
  if (purpose !== "decision") {
    return signIn.account === request.principalId
      ? { verdict: { ...common, purpose, account: signIn.account } }
      : { problem: "WrongAccount" };
  }
  const approver = request.approvers.find(({ slot }) => slot === proof.slot);
  const person = worker.policies.people.byAccount(signIn.account);
  if (!approver || person?.key !== approver.person) return { problem: "WrongPerson" };
  if (person.key === request.person) return { problem: "OwnRequest" };
  const decision = decisionOf(content, request.durationMs, person.key, signIn, context.now);
  return decision ? { verdict: { ...common, purpose, slot: proof.slot, decision } } : { problem: "BadContent" };
}

function isAskedNow({ purpose, content }: SignInProof, state: ActivationState, now: Instant): boolean {
  if (purpose === "stepUp") return state.status === "AwaitingStepUp";
  if (purpose === "start") return state.status === "Ready" && now >= state.opensAt;
  return state.status === "AwaitingApproval" || (isBeforeGrant(state) && contentOf(content)?.kind === "deny");
}

/** A denial that waited beside the last approval counts as well as one that was read before it (I4). */
const isBeforeGrant = ({ status }: ActivationState): boolean => status === "Ready" || status === "Granting";

/** What was signed, maybe past every page; `undefined`: it says neither yes nor no, and counts as neither. */
function contentOf(text: string): DecisionContent | undefined {
  try {
    const content = JSON.parse(text) as Readonly<Partial<Record<"kind" | "durationMs" | "reason", unknown>>> | null;
    if (content?.kind === "deny" && typeof content.reason === "string") return { kind: "deny", reason: content.reason };
    if (content?.kind !== "approve") return undefined;
    const { durationMs } = content;
    return durationMs === null || Number.isInteger(durationMs)
      ? { kind: "approve", durationMs: durationMs as number | null }
      : undefined;
  } catch {
    return undefined;
  }
}

function decisionOf(
  content: string,
  askedMs: number,
  person: PersonKey,
  signIn: VerifiedSignIn,
  now: Instant,
): Decision | undefined {
  const parsed = contentOf(content);
  if (!parsed) return undefined;
  const common = { person, account: signIn.account, decidedAt: now };
  if (parsed.kind === "deny") {
    const reason = parsed.reason.trim();
    return reason === "" ? undefined : { ...common, verdict: { kind: "deny", reason } };
  }
  const durationMs = parsed.durationMs ?? undefined;
  if (durationMs !== undefined && (durationMs < MINIMUM_DURATION_MS || durationMs > askedMs)) return undefined;
  return { ...common, verdict: { kind: "approve", durationMs } };
}
