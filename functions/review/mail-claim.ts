import { canonicalJson } from "../../shared/crypto/digest.ts";
import type { ChangeId, ReviewMail } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";

/** One mail of a campaign to one person, whichever of its reviews sends it. */
export interface CampaignMail {
  readonly campaign: ChangeId;
  readonly person: PersonKey;
  /** `heldHere`: to the identity team, of reviews that were to be held in Entra. */
  readonly kind: ReviewMail | "heldHere" | "outcome";
}

type Claimer = Pick<ChangeWorker, "changes" | "sealing">;

/** So often a claim that is not the worker's is put away; whoever goes on writing them has mails sent more than once. */
const MOST_TRIES = 5;

/**
 * Whether this review is the one that sends the mail: the first that asks, and again whenever it asks, until it noted that
 * the mail went out. A claim that the worker did not seal counts as none: nobody is silenced with it.
 */
export async function claimMail({ changes, sealing }: Claimer, mail: CampaignMail, review: ChangeId): Promise<boolean> {
  const own = claimOf(sealing, mail, review);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const stands = await changes.claimMail(mail.campaign, keyOf(mail), own);
    if (isOurs(sealing, mail, stands)) return stands.body === own.body;
    await changes.dropMailClaim(mail.campaign, keyOf(mail), stands);
  }
  return true;
}

/** The mail did not go out: whichever review asks next sends it. */
export const giveBackMail = ({ changes, sealing }: Claimer, mail: CampaignMail, review: ChangeId): Promise<void> =>
  changes.dropMailClaim(mail.campaign, keyOf(mail), claimOf(sealing, mail, review));

/** It went out; where this is lost, it goes out once more. */
export const noteSent = ({ changes, sealing }: Claimer, mail: CampaignMail, review: ChangeId): Promise<void> =>
  changes.putMailClaim(mail.campaign, keyOf(mail), claimOf(sealing, { ...mail, sent: true }, review));

/** Whether a mail that the campaign itself sends went out, as far as is known. */
export async function isMailed({ changes, sealing }: Claimer, mail: CampaignMail): Promise<boolean> {
  const stands = await changes.mailClaim(mail.campaign, keyOf(mail));
  return stands !== undefined && isOurs(sealing, mail, stands);
}

/** Once it went out; where this is lost, it goes out once more. */
export const noteMailed = ({ changes, sealing }: Claimer, mail: CampaignMail): Promise<void> =>
  changes.putMailClaim(mail.campaign, keyOf(mail), claimOf(sealing, mail, mail.campaign));

function claimOf(
  sealing: Claimer["sealing"],
  mail: CampaignMail & { readonly sent?: true },
  review: ChangeId,
): SealedRow {
  const body = canonicalJson({ ...mail, review });
  return { body, mac: sealing.mac("reviewMail", body) };
}

function isOurs(sealing: Claimer["sealing"], mail: CampaignMail, { body, mac }: SealedRow): boolean {
  if (!sealing.verify("reviewMail", body, mac)) return false;
  const claim = JSON.parse(body) as CampaignMail;
  return claim.campaign === mail.campaign && claim.person === mail.person && claim.kind === mail.kind;
}

const keyOf = ({ kind, person }: CampaignMail): string => `${kind}-${person}`;
