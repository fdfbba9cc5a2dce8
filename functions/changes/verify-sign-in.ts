import { signInNonce } from "../../shared/crypto/nonce.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { partsDigestIn, readParts, type SignedPart } from "../../shared/crypto/signed-answers.ts";
import type { ChangeDecision } from "../../shared/domain/change.ts";
import type { SignInProof } from "../../shared/ports/sealing.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { ProofProblem } from "../activation/proof-check.ts";
import type { ChangeWorker } from "./change-worker.ts";
import type { OpenedChange } from "./frozen-change.ts";

/** What somebody says in one slot of the change; `undefined`: nothing that is a decision. */
export interface Said {
  readonly slot: number;
  readonly decision: ChangeDecision | undefined;
}

/** A sign-in that was made for exactly this change as it was opened, alone or among the reviews of its campaign. */
export interface ReadSignIn {
  readonly signIn: VerifiedSignIn;
  /** Empty: it was made for other reviews of the campaign only. */
  readonly said: readonly Said[];
  /** Everything that it covers; empty: this change alone. */
  readonly parts: readonly SignedPart[];
}

/** Opens what was handed over and verifies token and nonce (I13); who signed in, and when, is for the caller to judge. */
export async function readSignIn(
  worker: Pick<ChangeWorker, "proofs" | "idTokens">,
  opened: OpenedChange,
  sealed: string,
): Promise<ReadSignIn | { readonly problem: ProofProblem }> {
  const proof = await worker.proofs.open(sealed);
  if (!proof) return { problem: "Unreadable" };
  const token = await worker.idTokens.verify(proof.idToken);
  if ("problem" in token) return { problem: "BadToken" };
  const covered = coveredBy(opened, proof);
  const { purpose, content, random } = proof;
  if (!covered || token.signIn.nonce !== signInNonce({ purpose, requestDigest: covered.digest, content, random }))
    return { problem: "NotForThisRequest" };
  return { signIn: token.signIn, said: covered.said, parts: covered.parts };
}

interface Covered {
  /** What the nonce is bound to beside the content. */
  readonly digest: string;
  readonly said: readonly Said[];
  readonly parts: readonly SignedPart[];
}

function coveredBy({ frozen, digest }: OpenedChange, proof: SignInProof): Covered | undefined {
  const { purpose, content, slot } = proof;
  if (purpose === "change") return { digest, said: [{ slot, decision: decisionIn(content) }], parts: [] };
  if (purpose !== "reviews" || frozen.body.kind !== "review" || proof.parts === undefined) return undefined;
  const parts = partsDigestIn(content) === sha256Hex(proof.parts) ? readParts(proof.parts) : undefined;
  if (!parts) return undefined;
  const own = parts.filter(({ review, requestDigest }) => review === frozen.id && requestDigest === digest);
  const said = own.map((part): Said => {
    const { answersDigest } = part;
    return { slot: part.slot, decision: { kind: "review", answersDigest } };
  });
  return { digest: frozen.body.campaign, said, parts };
}

/** What somebody signed, who may have written it past every page; `undefined`: no decision. It must hold up nothing. */
function decisionIn(content: string): ChangeDecision | undefined {
  try {
    const decision = JSON.parse(content) as Readonly<
      Partial<Record<"kind" | "reason" | "answersDigest", unknown>>
    > | null;
    switch (decision?.kind) {
      case "confirm":
      case "approve":
        return { kind: decision.kind };
      case "deny":
        return typeof decision.reason === "string" ? { kind: "deny", reason: decision.reason } : undefined;
      case "review":
        return typeof decision.answersDigest === "string"
          ? { kind: "review", answersDigest: decision.answersDigest }
          : undefined;
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
