import { digestOf } from "../../crypto/digest.ts";
import type { ActivationClaim } from "../../domain/activation.ts";
import type { TicketReference } from "../../domain/ticket.ts";
import { plus, SECOND_MS } from "../../domain/time.ts";
import type { ActivationStore, PendingRow } from "../../ports/activation-store.ts";
import { jsonProperties, readJson } from "./json-property.ts";
import { encodeKey } from "./keys.ts";
import { rowOfPending } from "./pending-rows.ts";
import type { StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

const START_WITHIN_MS = 30 * SECOND_MS;

/**
 * Three inserts, in this order: the claim, which decides who won; the `start` row; the activation's own copy of the
 * claim. So an activation that can be loaded has had its start row, and whoever finds a claim without an activation
 * (its winner died in between) writes what is missing: repeating a claim repairs it.
 */
export const claimMethods = (tables: Tables): Pick<ActivationStore, "claim" | "claimsOf"> => ({
  claim: async (candidate) => {
    const partitionKey = ticketKey(candidate.ticket);
    const rowKey = claimKey(candidate);
    const stored = await tables.claims.insert({ partitionKey, rowKey, ...jsonProperties("json", candidate) });
    if (!stored) {
      await openActivation(tables, candidate);
      return { won: true, claim: candidate };
    }
    const claim = claimOfRow(stored);
    if (!(await tables.activations.get(claim.activationId, "claim"))) await openActivation(tables, claim);
    return { won: claim.activationId === candidate.activationId, claim };
  },
  claimsOf: async (ticket) => (await tables.claims.partition(ticketKey(ticket))).map(claimOfRow),
});

export const claimOfRow = (row: StoredRow): ActivationClaim => readJson(row, "json") as ActivationClaim;

async function openActivation(tables: Tables, claim: ActivationClaim): Promise<void> {
  await tables.pending.insert(rowOfPending(startRow(claim)));
  await tables.activations.insert({
    partitionKey: claim.activationId,
    rowKey: "claim",
    ...jsonProperties("json", claim),
  });
}

const startRow = ({ activationId, claimedAt, ticket }: ActivationClaim): PendingRow => ({
  activationId,
  key: "start",
  createdAt: claimedAt,
  dueAt: plus(claimedAt, START_WITHIN_MS),
  body: { kind: "start", ticket },
});

const ticketKey = ({ system, number }: TicketReference): string => encodeKey(`${system}-${number}`);

const claimKey = ({ person, principalId, roleDefinitionId, directoryScopeId, use }: ActivationClaim): string =>
  digestOf([person, principalId, roleDefinitionId, directoryScopeId, use]);
