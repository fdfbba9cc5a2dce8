import type { LinkKeys } from "../../shared/crypto/link.ts";
import type { ProofSealer } from "../../shared/ports/sealing.ts";
import type { IdTokenVerifier, SignInFlow } from "../../shared/ports/sign-in.ts";
import type { Door } from "../door.ts";

/** What the pages work with. They show, ask and hand sign-ins over; they can neither read a proof back nor grant anything. */
export interface Front extends Door {
  readonly signIn: SignInFlow;
  readonly idTokens: IdTokenVerifier;
  readonly proofs: ProofSealer;
  readonly linkKeys: LinkKeys;
  /** Where browsers find us, without a slash at the end. */
  readonly publicUrl: string;
  readonly loginUrl: string;
}
