import { signInNonce } from "../../shared/crypto/nonce.ts";
import { RESUME_MAX_AGE_MS, resumeContext } from "../../shared/domain/resume.ts";
import type { Person } from "../../shared/domain/people.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import type { ResumeVerdict } from "../../shared/domain/verdict.ts";
import type { Freeze } from "../../shared/ports/controls.ts";
import { sourcesInclude } from "../changes/named-by.ts";
import type { Worker } from "../worker.ts";
import { freezeDigest } from "./freeze-digest.ts";
import type { ProofProblem } from "./proof-check.ts";

/**
 * The worker's own check of a sign-in that is to lift a freeze (I13): made for exactly this freeze as it is stored, fresh
 * and strong, by an enabled member account of a known person who is in the identity team now.
 * @throws DependencyError when the issuer's keys or the directory cannot be read
 */
export async function checkResume(
  worker: Worker,
  freeze: Freeze,
  sealed: string,
  now: Instant,
): Promise<{ readonly verdict: ResumeVerdict } | { readonly problem: ProofProblem }> {
  const proof = await worker.proofs.open(sealed);
  if (!proof) return { problem: "Unreadable" };
  const token = await worker.idTokens.verify(proof.idToken);
  if ("problem" in token) return { problem: "BadToken" };
  const { account, nonce, authenticatedAt, authenticationContexts } = token.signIn;
  const digest = freezeDigest(freeze);
  const { purpose, content, random } = proof;
  if (purpose !== "resume" || nonce !== signInNonce({ purpose, requestDigest: digest, content, random }))
    return { problem: "NotForThisRequest" };
  const context = resumeContext(worker.policies.policy);
  if (context === undefined || !authenticationContexts.includes(context)) return { problem: "ContextMissing" };
  if (msOf(now) - msOf(authenticatedAt) > RESUME_MAX_AGE_MS) return { problem: "SignInTooOld" };
  const person = worker.policies.people.byAccount(account);
  if (!person || !(await mayResume(worker, person))) return { problem: "WrongPerson" };
  const known = await worker.directory.account(account);
  if (known?.enabled !== true || known.userType !== "Member") return { problem: "WrongAccount" };
  const signIn = { nonce, account, authenticatedAt, authenticationContexts };
  return {
    verdict: { freezeId: freeze.id, freezeDigest: digest, person: person.key, verifiedAt: now, ...signIn },
  };
}

/** In the identity team now; one that its own owners or members fill vouches for nobody. @throws DependencyError */
export const mayResume = (worker: Pick<Worker, "directory" | "policies">, person: Person): Promise<boolean> =>
  sourcesInclude(worker, [{ kind: "group", group: worker.policies.policy.identityTeamGroup }], person);

type Kept = Pick<Worker, "controls" | "sealing">;

/** The sign-ins that the worker verified for this freeze, whatever became of it since. */
export async function keptVerdicts({ controls, sealing }: Kept, id: string): Promise<readonly ResumeVerdict[]> {
  return (await controls.resumeVerdicts(id))
    .filter(({ body, mac }) => sealing.verify("resumeVerdict", body, mac))
    .map(({ body }) => JSON.parse(body) as ResumeVerdict)
    .filter(({ freezeId }) => freezeId === id);
}

/** Those that count: made for the freeze as it is stored now. */
export async function verdictsForFreeze(worker: Kept, freeze: Freeze): Promise<readonly ResumeVerdict[]> {
  const digest = freezeDigest(freeze);
  return (await keptVerdicts(worker, freeze.id)).filter((verdict) => verdict.freezeDigest === digest);
}
