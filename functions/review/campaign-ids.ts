import { canonicalJson, sha256Hex } from "../../shared/crypto/digest.ts";
import type { ChangeId, ChangeItem, FrozenCampaign } from "../../shared/domain/change.ts";
import type { RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { Sealing } from "../../shared/ports/sealing.ts";
import { createHash, type Hash } from "node:crypto";

/** The same campaign has the same id, however often and by whomever it is begun. */
export const campaignId = (tenantId: string, number: number): ChangeId =>
  sha256Hex(`zero-standing campaign ${tenantId} ${number}`).slice(0, 32) as ChangeId;

export const reviewId = (campaign: ChangeId, role: RoleDefinitionId): ChangeId =>
  sha256Hex(`zero-standing review ${campaign} ${role}`).slice(0, 32) as ChangeId;

/** Digest over items in order, fed one by one: a population of any size takes no memory. */
export class PopulationDigest {
  readonly #hash: Hash = createHash("sha256");

  add(item: ChangeItem): void {
    this.#hash.update(`${canonicalJson(item)}\n`);
  }

  hex(): string {
    return this.#hash.digest("hex");
  }
}

export function sealCampaign(sealing: Sealing, campaign: FrozenCampaign): SealedRow {
  const body = canonicalJson(campaign);
  return { body, mac: sealing.mac("campaign", body) };
}

/** `undefined`: not the worker's, or of another campaign. */
export function frozenCampaign(sealing: Sealing, id: ChangeId, row: SealedRow | undefined): FrozenCampaign | undefined {
  if (!row || !sealing.verify("campaign", row.body, row.mac)) return undefined;
  const campaign = JSON.parse(row.body) as FrozenCampaign;
  return campaign.id === id ? campaign : undefined;
}
