import { canonicalJson } from "../../shared/crypto/digest.ts";
import type { DecisionContent } from "../../shared/ports/sealing.ts";
import type { PostedForm } from "./form-token.ts";
import { shorterThan } from "./request-views.ts";

/** What the sealed state of a sign-in can hold beside everything else within a cookie's 4096 bytes. */
const LONGEST_REASON = 500;

/** The posted decision as the text that the sign-in's nonce covers; `undefined` when it says nothing we offered. */
export function decisionContent({ choice, fields }: PostedForm, askedMs: number): string | undefined {
  const decision = choice === "deny" ? denial(fields["reason"]) : approval(fields["duration"], askedMs);
  return decision && canonicalJson(decision);
}

function approval(duration = "", askedMs: number): DecisionContent | undefined {
  if (duration === "") return { kind: "approve", durationMs: null };
  const durationMs = shorterThan(askedMs).find((ms) => `${ms}` === duration);
  return durationMs === undefined ? undefined : { kind: "approve", durationMs };
}

function denial(text: string | undefined): DecisionContent | undefined {
  const reason = denialReason(text);
  return reason === undefined ? undefined : { kind: "deny", reason };
}

/** One line of visible characters; `undefined` when there are none, or too many. */
export function denialReason(text = ""): string | undefined {
  const reason = text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return reason === "" || reason.length > LONGEST_REASON ? undefined : reason;
}
