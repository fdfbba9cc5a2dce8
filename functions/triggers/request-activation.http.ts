import type { z } from "zod";
import { requestActivationBody } from "../../shared/contracts/request-activation.ts";
import type { ActivationClaim } from "../../shared/domain/activation.ts";
import { isFinal } from "../../shared/domain/activation.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { checkDuration } from "../../shared/domain/opening.ts";
import { isRole } from "../../shared/domain/ticket-check.ts";
import { newActivationId } from "../activities/handle-ticket-event.ts";
import { chooseHolding } from "../activation/choose-holding.ts";
import { stateOf } from "../activation/facts.ts";
import { viewOf } from "../activation/view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json, readJson } from "../http/json.ts";
import { callingPerson, refuseAtDoor, type CallingPerson } from "../http/person.ts";
import { problem } from "../http/problem.ts";

const KEY = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * `POST /api/activations`: asks for a role. Who asks comes from the token only. The same request again gets the same
 * activation; a further use of the ticket needs a new `Idempotency-Key`.
 */
export const requestActivation =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person, account } = calling.caller;
    const read = await readJson(request, requestActivationBody);
    const requestKey = request.headers.get("idempotency-key");
    if ("answer" in read) return refuseAtDoor(door, account, { reason: "InvalidRequest" }, read.answer);
    if (requestKey !== null && !KEY.test(requestKey))
      return refuseAtDoor(door, account, {
        reason: "InvalidRequest",
        detail: "Idempotency-Key must be 8 to 64 of A-Z a-z 0-9 _ -",
      });
    const asked = await claimFor(door, calling.caller, read.body, requestKey);
    if ("refusal" in asked) return refuseAtDoor(door, account, asked.refusal);
    const { won, claim } = await door.store.claim(asked.candidate);
    if (won) await door.gatewayOf(context).start(claim.activationId);
    const record = await door.store.outline(claim.activationId);
    if (!record) return problem("Unavailable");
    return json(202, viewOf(door, record, person.key), { location: `/api/activations/${claim.activationId}` });
  };

async function claimFor(
  door: Door,
  { person }: CallingPerson,
  body: z.output<typeof requestActivationBody>,
  requestKey: string | null,
): Promise<{ readonly candidate: ActivationClaim } | { readonly refusal: Refusal }> {
  const { policy } = door.policies;
  const role = policy.roles.find((one) => isRole(body.role, one));
  if (!role) return { refusal: refusal("RoleNotAllowed", body.role) };
  const system = policy.ticketSystems[body.ticket.system];
  if (!system) return { refusal: refusal("TicketSystemNotAllowed", body.ticket.system) };
  if (!new RegExp(`^(?:${system.numberPattern})$`).test(body.ticket.number))
    return { refusal: refusal("TicketNumberInvalid", body.ticket.number) };
  const [wrong] = checkDuration(body.duration, role);
  if (wrong) return { refusal: wrong };
  const chosen = await chooseHolding(door, { person, role, account: body.account, scope: body.scope });
  if ("refusal" in chosen) return chosen;
  const base = {
    activationId: newActivationId(),
    door: "http" as const,
    claimedAt: door.clock.now(),
    ticket: body.ticket,
    person: person.key,
    principalId: chosen.holding.principalId,
    roleDefinitionId: role.roleDefinitionId,
    directoryScopeId: chosen.holding.directoryScopeId,
    requestKey,
    durationMs: body.duration,
    justification: body.justification,
  };
  const use = await useFor(door, base, role.usesPerTicket);
  return typeof use === "number" ? { candidate: { ...base, use } } : { refusal: use };
}

/** Which use of the ticket is meant: the first, the one that has this key already, or a further one once the last is over. */
async function useFor(door: Door, wanted: Omit<ActivationClaim, "use">, mostUses: number): Promise<number | Refusal> {
  const claims = (await door.store.claimsOf(wanted.ticket)).filter(
    (claim) =>
      claim.principalId === wanted.principalId &&
      claim.roleDefinitionId === wanted.roleDefinitionId &&
      claim.directoryScopeId === wanted.directoryScopeId,
  );
  const last = claims.toSorted((a, b) => a.use - b.use).at(-1);
  const known = claims.find(({ requestKey }) => wanted.requestKey !== null && requestKey === wanted.requestKey);
  if (!last) return 1;
  if (known) return known.use;
  if (wanted.requestKey === null) return last.use;
  const record = await door.store.outline(last.activationId);
  if (record && !isFinal(stateOf(record))) return last.use;
  const uses = await Promise.all(claims.map((claim) => isUse(door, claim)));
  return uses.filter(Boolean).length < mostUses ? last.use + 1 : refusal("TicketUsedUp", `${mostUses}`);
}

/** What was refused before anybody was asked, or failed before the role was held, does not use the ticket up. */
async function isUse({ store }: Door, { activationId }: ActivationClaim): Promise<boolean> {
  const outline = await store.outline(activationId);
  return outline === undefined || !["Refused", "Failed"].includes(stateOf(outline).status);
}
