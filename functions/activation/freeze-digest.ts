import { digestOf } from "../../shared/crypto/digest.ts";
import type { Freeze } from "../../shared/ports/controls.ts";

/** What the sign-ins that lift a freeze are bound to: the freeze as stored and shown. */
export const freezeDigest = ({ id, at, by, account, because }: Freeze): string =>
  digestOf({ id, at, by, account: account ?? null, because });
