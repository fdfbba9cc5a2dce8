import type { PolicySimulation } from "../../shared/contracts/policy-simulation.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import {
  isClosedByFacts,
  outcomeChanges,
  reopen,
  type Outcome,
  type PastRequest,
} from "../../shared/domain/policy-simulation.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { formatDuration } from "../../shared/domain/time.ts";
import type { ActivationRequest } from "../../shared/domain/activation.ts";
import type { Ticket } from "../../shared/domain/ticket.ts";
import type { ActivationOutline, ActivationStore } from "../../shared/ports/activation-store.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { ApproverReader } from "../activation/approver-facts.ts";
import { stateOf } from "../activation/facts.ts";
import { shownRequest } from "../activation/view.ts";
import { planFor } from "../activities/open-activation.ts";

type ApproverDirectory = ApproverReader["directory"];

interface Reader {
  readonly store: Pick<ActivationStore, "newestFor" | "outline">;
  readonly directory: ApproverDirectory;
  /** What the service runs. */
  readonly policies: PolicyStore;
}

const AT_ONCE = 50;

const ASSUMES =
  "Taken as accepted then: the ticket and who made it, the account, its eligibility. Approvers are looked up as they are now. " +
  "Not replayed: limits that count (open requests, uses of a ticket, the breaker), the form of ticket numbers, and what was refused at a door.";

/**
 * Judges the newest requests under both policies, each as it would be opened, at the time when it was made. Reads only;
 * what is stored is taken at its word, for the eye. @throws DependencyError
 */
export async function simulatePolicy(reader: Reader, changed: PolicyStore, last: number): Promise<PolicySimulation> {
  const running = reader.policies;
  const directory = remembering(reader.directory);
  const named = (key: PersonKey): string => (changed.people.byKey(key) ?? running.people.byKey(key))?.name ?? key;
  const records = await newest(reader, changed, last);
  const judged = await inTurns(records, async (record) => {
    const past = pastOf(record, running.policy);
    const before = await outcomeUnder(running, past, directory);
    if (isClosedByFacts(past, before)) return { record, decided: false, changes: [] };
    const after = await outcomeUnder(changed, past, directory);
    return { record, decided: true, changes: outcomeChanges(before, after, named) };
  });
  return {
    hash: { running: running.policy.hash, simulated: changed.policy.hash },
    looked: judged.length,
    undecided: judged.filter(({ decided }) => !decided).length,
    changed: judged
      .filter(({ changes }) => changes.length > 0)
      .map(({ record: { id, claim }, changes }) => ({
        id,
        requestedAt: claim.claimedAt,
        role: roleName(claim.roleDefinitionId, running.policy, changed.policy),
        person: named(claim.person),
        ticket: claim.ticket,
        scope: claim.directoryScopeId,
        duration: formatDuration(claim.durationMs),
        changes: [...changes],
      })),
    assumes: ASSUMES,
  };
}

/** Also of persons whom only one of the two policies knows. */
async function newest(
  { store, policies }: Reader,
  changed: PolicyStore,
  last: number,
): Promise<readonly ActivationOutline[]> {
  const persons = [policies, changed].flatMap(({ people }) => people.all().map(({ key }) => key));
  const ids = await store.newestFor([...new Set(persons)], last);
  const records = await inTurns(ids, (id) => store.outline(id));
  return records.filter((record) => record !== undefined);
}

async function outcomeUnder(policies: PolicyStore, past: PastRequest, directory: ApproverDirectory): Promise<Outcome> {
  const opened = reopen(past, policies);
  if ("refusal" in opened) return { kind: "refused", ...opened };
  const plan = await planFor({ directory, policies }, opened.role, opened.person, past.selfMade);
  return "refusal" in plan ? { kind: "refused", ...plan } : { kind: "opened", role: opened.role, plan };
}

function pastOf(record: ActivationOutline, running: Policy): PastRequest {
  const { claim } = record;
  const request = shownRequest(record);
  const state = stateOf(record);
  const closedFor = !request && "closing" in state ? state.closing.reason : undefined;
  const selfMade = request ? wasSelfMade(request, running) : closedFor === "TicketSelfMade";
  return { claim, ticket: request && ticketOf(request), selfMade, closedFor };
}

/** The evidence is what decisions rested on; the rest of the ticket was as it must be, or nobody would have been asked. */
const ticketOf = ({ ticket, ticketId, evidence }: ActivationRequest): Ticket => ({
  ...ticket,
  id: ticketId,
  status: "open",
  onHold: false,
  creator: undefined,
  ...evidence,
});

/** Under the same policy an automatic role asks somebody only where the person made the ticket. */
const wasSelfMade = ({ approval, policyHash, roleDefinitionId }: ActivationRequest, running: Policy): boolean =>
  approval === "manual" &&
  policyHash === running.hash &&
  running.roles.some((role) => role.roleDefinitionId === roleDefinitionId && role.approval.mode === "automatic");

const roleName = (id: string, ...policies: readonly Policy[]): string =>
  policies.flatMap(({ roles }) => roles).find(({ roleDefinitionId }) => roleDefinitionId === id)?.name ?? id;

/** A few at the same time, so that neither tables nor directory are flooded; answers in the order of the items. */
async function inTurns<T, Answer>(items: readonly T[], work: (item: T) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return answers;
}

/** The same groups and persons are asked for again and again. */
const remembering = (directory: ApproverDirectory): ApproverDirectory => ({
  account: once((id) => directory.account(id)),
  group: once((id) => directory.group(id)),
  manager: once((id) => directory.manager(id)),
});

function once<Key, Answer>(read: (key: Key) => Promise<Answer>): (key: Key) => Promise<Answer> {
  const known = new Map<Key, Promise<Answer>>();
  return (key) => {
    const answer = known.get(key) ?? read(key);
    known.set(key, answer);
    return answer;
  };
}
