import type { LinkPurpose } from "../shared/crypto/link.ts";
import type { ActivationId } from "../shared/domain/ids.ts";
import type { Instant } from "../shared/domain/time.ts";

/** Makes the addresses that people get. */
export interface LinkWriter {
  /** A signed link; the sign-in behind it gives the right, the link only finds the page. */
  signed(purpose: LinkPurpose, activationId: ActivationId, slot: number, expiresAt: Instant): string;
  page(activationId: ActivationId): string;
}
