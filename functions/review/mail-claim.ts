import { canonicalJson } from "../../shared/crypto/digest.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";

/** One mail of a campaign to one person, whichever of its reviews sends it. */
export interface CampaignMail {
  readonly campaign: ChangeId;
  readonly person: PersonKey;
  /** `heldHere`: to the identity team, of reviews that were to be held in Entra. */
  readonly kind: "first" | "reminder" | "escalation" | "heldHere";
}

type Claimer = Pick<ChangeWorker, "changes" | "sealing">;

/**
 * Whether this review is the one that sends the mail: the first that asks, and again whenever it asks, so that a repeated
 * activity repeats its mails. A claim that the worker did not seal counts as none: nobody is silenced with it.
 */
export async function claimMail({ changes, sealing }: Claimer, mail: CampaignMail, review: ChangeId): Promise<boolean> {
  const own = claimOf(sealing, mail, review);
  const stands = await changes.claimMail(mail.campaign, keyOf(mail), own);
  const isOurs = sealing.verify("reviewMail", stands.body, stands.mac) && isFor(mail, stands.body);
  if (isOurs) return stands.body === own.body;
  await changes.replaceMailClaim(mail.campaign, keyOf(mail), own);
  return true;
}

/** The mail did not go out: whichever review asks next sends it. */
export const dropMailClaim = ({ changes }: Claimer, mail: CampaignMail): Promise<void> =>
  changes.dropMailClaim(mail.campaign, keyOf(mail));

function claimOf(sealing: Claimer["sealing"], mail: CampaignMail, review: ChangeId): SealedRow {
  const body = canonicalJson({ ...mail, review });
  return { body, mac: sealing.mac("reviewMail", body) };
}

function isFor({ campaign, person, kind }: CampaignMail, body: string): boolean {
  const claim = JSON.parse(body) as CampaignMail;
  return claim.campaign === campaign && claim.person === person && claim.kind === kind;
}

const keyOf = ({ kind, person }: CampaignMail): string => `${kind}-${person}`;
