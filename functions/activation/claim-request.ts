import type { z } from "zod";
import type { requestActivationBody } from "../../shared/contracts/request-activation.ts";
import { isFinal, type ActivationClaim } from "../../shared/domain/activation.ts";
import type { Person } from "../../shared/domain/people.ts";
import { checkDuration } from "../../shared/domain/opening.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { checkReference, isRole } from "../../shared/domain/ticket-check.ts";
import { newActivationId } from "../activities/handle-ticket-event.ts";
import type { Worker } from "../worker.ts";
import { chooseHolding } from "./choose-holding.ts";
import { stateOf } from "./facts.ts";

type ClaimPorts = Pick<Worker, "clock" | "policies" | "store"> & {
  readonly directory: Pick<Worker["directory"], "eligibilities">;
};

/** What was asked, through which door, for whom. */
export interface Asked {
  readonly via: Pick<ActivationClaim, "door" | "sender" | "requestKey">;
  readonly person: Person;
  readonly body: z.output<typeof requestActivationBody>;
}

/**
 * The claim that a request stands for, or why it stands for none. Nothing is written. @throws DependencyError when the
 * directory or the tables cannot be read
 */
export async function claimFor(
  ports: ClaimPorts,
  { via, person, body }: Asked,
): Promise<{ readonly candidate: ActivationClaim } | { readonly refusal: Refusal }> {
  const { policy } = ports.policies;
  if (policy.mode === "observe") return { refusal: refusal("ObserveOnly") };
  const role = policy.roles.find((one) => isRole(body.role, one));
  if (!role) return { refusal: refusal("RoleNotAllowed", body.role) };
  const [wrong] = [...checkReference(body.ticket, policy), ...checkDuration(body.duration, role)];
  if (wrong) return { refusal: wrong };
  const chosen = await chooseHolding(ports, { person, role, account: body.account, scope: body.scope });
  if ("refusal" in chosen) return chosen;
  const base = {
    activationId: newActivationId(),
    ...via,
    claimedAt: ports.clock.now(),
    ticket: body.ticket,
    person: person.key,
    principalId: chosen.holding.principalId,
    roleDefinitionId: role.roleDefinitionId,
    directoryScopeId: chosen.holding.directoryScopeId,
    durationMs: body.duration,
    justification: body.justification,
  };
  const use = await useFor(ports, base, role.usesPerTicket);
  return typeof use === "number" ? { candidate: { ...base, use } } : { refusal: use };
}

/** Which use of the ticket is meant: the first, the one that has this key already, or a further one once the last is over. */
async function useFor(
  ports: ClaimPorts,
  wanted: Omit<ActivationClaim, "use">,
  mostUses: number,
): Promise<number | Refusal> {
  const claims = (await ports.store.claimsOf(wanted.ticket)).filter(
    (claim) =>
      claim.principalId === wanted.principalId &&
      claim.roleDefinitionId === wanted.roleDefinitionId &&
      claim.directoryScopeId === wanted.directoryScopeId,
  );
  const last = claims.toSorted((a, b) => a.use - b.use).at(-1);
  const known = claims.find(({ requestKey }) => wanted.requestKey !== null && requestKey === wanted.requestKey);
  if (!last) return 1;
  if (known) return known.use;
  // Only the person asks for a further use; a system's message addresses what is there.
  if (wanted.requestKey === null || wanted.door !== "http") return last.use;
  const record = await ports.store.outline(last.activationId);
  if (record && !isFinal(stateOf(record))) return last.use;
  const uses = await Promise.all(claims.map((claim) => isUse(ports, claim)));
  return uses.filter(Boolean).length < mostUses ? last.use + 1 : refusal("TicketUsedUp", `${mostUses}`);
}

/** What was refused before anybody was asked, or failed before the role was held, does not use the ticket up. */
async function isUse({ store }: ClaimPorts, { activationId }: ActivationClaim): Promise<boolean> {
  const outline = await store.outline(activationId);
  return outline === undefined || !["Refused", "Failed"].includes(stateOf(outline).status);
}
