import { signLink, type LinkKeys, type LinkPurpose } from "../shared/crypto/link.ts";
import type { ActivationId } from "../shared/domain/ids.ts";
import { msOf, SECOND_MS, type Instant } from "../shared/domain/time.ts";

/** Makes the addresses that people get. */
export interface LinkWriter {
  /** A signed link; the sign-in behind it gives the right, the link only finds the page. */
  signed(purpose: LinkPurpose, activationId: ActivationId, slot: number, expiresAt: Instant): string;
  page(activationId: ActivationId): string;
  /** Where a change of eligibility or standing access is shown. */
  changePage(changeId: ActivationId): string;
  /** Where owners see who is eligible, and ask for changes. */
  eligibilityPage(): string;
  /** Where a freeze is shown and lifted. */
  freezePage(): string;
}

/** Writes addresses below the public one, signed with the first link key. */
export const createLinkWriter = ({
  publicUrl,
  keys,
}: {
  readonly publicUrl: string;
  readonly keys: LinkKeys;
}): LinkWriter => ({
  signed: (purpose, activationId, slot, expiresAt) => {
    const expiresAtSeconds = Math.floor(msOf(expiresAt) / SECOND_MS);
    return `${publicUrl}/api/l/${signLink({ purpose, activationId, slot, expiresAtSeconds }, keys)}`;
  },
  page: (activationId) => `${publicUrl}/api/a/${activationId}`,
  changePage: (changeId) => `${publicUrl}/api/c/${changeId}`,
  eligibilityPage: () => `${publicUrl}/api/e`,
  freezePage: () => `${publicUrl}/api/freeze`,
});
