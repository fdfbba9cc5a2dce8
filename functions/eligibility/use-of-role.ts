import type { HeldWindow } from "../../shared/domain/deeds.ts";
import type { PersonKey, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { msOf, type Instant } from "../../shared/domain/time.ts";
import type { ActivationStore } from "../../shared/ports/activation-store.ts";
import { stateOf } from "../activation/facts.ts";

/** What a person made of one role. */
export interface RoleUse {
  readonly activations: number;
  readonly heldMs: number;
  readonly lastAt: Instant | null;
  readonly tickets: readonly string[];
  readonly windows: readonly (HeldWindow & { readonly account: PrincipalId })[];
}

const MOST_LOOKED_AT = 500;

/** How often, how long and for which tickets the person held the role since the instant; `""` = ever. */
export async function useOfRole(
  { store }: { readonly store: Pick<ActivationStore, "listFor" | "outline"> },
  person: PersonKey,
  roleDefinitionId: RoleDefinitionId,
  since: Instant,
): Promise<RoleUse> {
  let [activations, heldMs] = [0, 0];
  let lastAt: Instant | null = null;
  const tickets = new Set<string>();
  const windows: RoleUse["windows"][number][] = [];
  for (const id of await store.listFor(person, MOST_LOOKED_AT)) {
    const record = await store.outline(id);
    if (!record || record.claim.person !== person || record.claim.roleDefinitionId !== roleDefinitionId) continue;
    const state = stateOf(record);
    if (!("startsAt" in state) || state.startsAt < since) continue;
    const end = state.status === "Ended" ? state.since : state.endsAt;
    activations += 1;
    heldMs += Math.max(0, msOf(end) - msOf(state.startsAt));
    if (lastAt === null || state.startsAt > lastAt) lastAt = state.startsAt;
    tickets.add(record.claim.ticket.number);
    windows.push({ from: state.startsAt, to: end, account: record.claim.principalId });
  }
  return { activations, heldMs, lastAt, tickets: [...tickets], windows };
}

export const useText = ({ activations, heldMs, lastAt }: RoleUse): string =>
  activations === 0
    ? "never"
    : `${activations} times, ${Math.round(heldMs / 3_600_000)} hours in all, last on ${lastAt?.slice(0, 10) ?? ""}`;
