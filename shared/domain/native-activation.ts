import type { Assignment } from "./directory.ts";
import { withinHours } from "./hours.ts";
import { checkDuration, MINIMUM_JUSTIFICATION } from "./opening.ts";
import type { PeopleMap } from "./people.ts";
import type { Policy, RolePolicy } from "./policy.ts";
import { REASONS, refusal, type ReasonCode, type Refusal } from "./reasons.ts";
import { checkReference, checkSystem } from "./ticket-check.ts";
import type { TicketSystemName } from "./ticket.ts";
import type { Instant } from "./time.ts";

/** What a person activated in PIM itself, as the directory keeps the request. */
export interface NativeActivation extends Assignment {
  readonly id: string;
  readonly at: Instant;
  /** `undefined`: the directory does not say. */
  readonly durationMs: number | undefined;
  readonly justification: string;
  /** Free text: PIM asks no ticket system. */
  readonly ticket: { readonly system: string; readonly number: string };
  /** Whether PIM asked somebody else. */
  readonly approved: boolean;
}

/** What a request to this system cannot miss, because it would not be one. */
const MISSING = {
  NoTicket: "It names no ticket.",
  JustificationTooShort: "Its justification is too short to say why.",
  ScopeNotAllowed: "This role may not be held at this scope.",
  NotApproved: "This role needs a second person, and nobody else approved it.",
} as const;

/** One thing that speaks against it. */
export interface NativeMiss {
  readonly reason: ReasonCode | keyof typeof MISSING;
  readonly detail?: string;
}

/**
 * Why a request for the same would have been refused, the weightiest first; none = it would not have been, or it is not
 * for this system to say: a role that the policy does not list, a break-glass account. The ticket itself is not read: it
 * may have changed since. Pure.
 */
export function judgeNative(
  native: NativeActivation,
  { policy, people }: { readonly policy: Policy; readonly people: PeopleMap },
): readonly NativeMiss[] {
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === native.roleDefinitionId);
  if (!role || policy.breakGlassAccounts.includes(native.principalId)) return [];
  if (!people.byAccount(native.principalId)?.adminAccounts.includes(native.principalId))
    return [refusal("PersonUnknown", native.principalId)];
  return [
    ...(role.scopes?.includes(native.directoryScopeId) === false ? [missing("ScopeNotAllowed")] : []),
    ...checkDuration(native.durationMs ?? Number.POSITIVE_INFINITY, role),
    ...ticketOf(native, role, policy),
    ...(native.justification.trim().length < MINIMUM_JUSTIFICATION ? [missing("JustificationTooShort")] : []),
    ...(role.approval.mode === "manual" && !native.approved ? [missing("NotApproved")] : []),
    ...(role.hours && !withinHours(role.hours, native.at) ? [refusal("OutsideHours")] : []),
  ];
}

/** A sentence for people. */
export const missText = ({ reason, detail }: NativeMiss): string => {
  const words = reason in MISSING ? MISSING[reason as keyof typeof MISSING] : REASONS[reason as ReasonCode];
  return detail === undefined ? words : `${words.slice(0, -1)} (${detail}).`;
};

const missing = (reason: keyof typeof MISSING): NativeMiss => ({ reason });

const SYSTEMS: readonly TicketSystemName[] = ["servicenow", "jira"];
const MOST_SHOWN = 40;

function ticketOf({ ticket }: NativeActivation, role: RolePolicy, policy: Policy): readonly NativeMiss[] {
  const number = ticket.number.trim();
  if (number === "") return [missing("NoTicket")];
  const written = ticket.system.replace(/\s/g, "").toLowerCase();
  const system = SYSTEMS.find((name) => name === written);
  const refused: readonly Refusal[] = system
    ? [...checkSystem(system, role), ...checkReference({ system, number }, policy)]
    : [refusal("TicketSystemNotAllowed", ticket.system.trim() || "none is named")];
  return refused
    .slice(0, 1)
    .map(({ reason, detail }) => (detail === undefined ? { reason } : { reason, detail: detail.slice(0, MOST_SHOWN) }));
}
