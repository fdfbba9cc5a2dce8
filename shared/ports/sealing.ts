/** The worker's seals: a MAC under a key that only the worker can read. */
export interface Sealing {
  /** MAC of the text for one purpose; a MAC for one purpose is worthless for another. */
  mac(purpose: MacPurpose, text: string): string;
  verify(purpose: MacPurpose, text: string, mac: string): boolean;
}

export type MacPurpose =
  | "request"
  | "intent"
  | "verdict"
  | "resumeVerdict"
  | "resume"
  | "change"
  | "changeItem"
  | "changeVerdict"
  | "campaign"
  | "reviewMail"
  | "policy";

/** The front's side: encrypts to the worker's public key and cannot read it back. */
export interface ProofSealer {
  seal(proof: SignInProof): Promise<string>;
}

/** The worker's side. */
export interface ProofOpener {
  /** `undefined` for anything that was not encrypted to this worker. */
  open(sealed: string): Promise<SignInProof | undefined>;
}

/** One completed sign-in: the id token is the proof, the rest is what its nonce was made of. */
export interface SignInProof {
  readonly purpose: "stepUp" | "start" | "decision" | "resume" | "change" | "reviews";
  readonly idToken: string;
  readonly random: string;
  /** Number of the person in the request's links; 0 is the requester. */
  readonly slot: number;
  /** What was decided: canonical JSON of `DecisionContent`, of `ChangeDecision` for a change, or the digest of the parts. */
  readonly content: string;
  /** `reviews`: every part that the digest in the content covers. */
  readonly parts?: string;
}

/** What an approver decided on the page; part of the nonce, so the sign-in covers it. */
export type DecisionContent =
  { readonly kind: "approve"; readonly durationMs: number | null } | { readonly kind: "deny"; readonly reason: string };
