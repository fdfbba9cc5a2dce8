import type { BaselineDifference } from "./baseline.ts";
import type { PlanItem } from "./standing-plan.ts";
import { tripleText } from "./standing-plan.ts";
import type { Assignment, Eligibility } from "./directory.ts";
import { missText, type NativeActivation, type NativeMiss } from "./native-activation.ts";
import { HOUR_MS, MINUTE_MS, type Instant } from "./time.ts";

export type FindingKind =
  | "setting"
  | "standing"
  | "endlessEligibility"
  | "breakGlassSignIn"
  | "nativeActivation"
  | "conditionalAccess"
  /** Found every five minutes, all the others every day. */
  | "foreignAssignment";

/** Something that is not as the policy wants it. The id is the same every day until it is gone. */
export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  /** For people: what, who, where. */
  readonly text: string;
}

export type OpenFinding = Finding & {
  readonly since: Instant;
  /** Seen, but a crash may have come before it was written to the trail and mailed. */
  readonly untold?: true;
};

export const settingFinding = ({ roleDefinitionId, role, rule, wanted, found }: BaselineDifference): Finding => ({
  id: `setting ${roleDefinitionId} ${rule}`,
  kind: "setting",
  text: `${role}, ${rule}: wanted ${wanted}; found ${found}.`,
});

export const standingId = (assignment: Assignment): string => `standing ${tripleText(assignment)}`;

/** What stands and is neither left on purpose nor excepted. */
export const standingFinding = (item: PlanItem): Finding => ({
  id: standingId(item),
  kind: "standing",
  text: `${item.holder} holds ${item.role} at ${item.directoryScopeId} permanently.`,
});

export const endlessFinding = (row: Eligibility, holder: string, role: string): Finding => ({
  id: `endless ${tripleText(row)}`,
  kind: "endlessEligibility",
  text: `${holder} is eligible for ${role} at ${row.directoryScopeId} without an end.`,
});

export const signInFinding = (signIn: {
  readonly id: string;
  readonly account: string;
  readonly at: Instant;
}): Finding => ({
  id: `sign-in ${signIn.id}`,
  kind: "breakGlassSignIn",
  text: `The break-glass account ${signIn.account} signed in at ${signIn.at}.`,
});

/** What a person activated past this system, and why a request here would have been refused. */
export const nativeFinding = (
  { id, at, durationMs, directoryScopeId }: NativeActivation,
  misses: readonly NativeMiss[],
  { holder, role }: { readonly holder: string; readonly role: string },
): Finding => ({
  id: `native ${id}`,
  kind: "nativeActivation",
  text: `${holder} activated ${role} at ${directoryScopeId} ${lengthOf(durationMs)} on ${at} in PIM itself. A request here would have been refused: ${misses.map(missText).join(" ")}`,
});

function lengthOf(ms: number | undefined): string {
  if (ms === undefined) return "for an unknown time";
  const [hours, minutes] = [Math.floor(ms / HOUR_MS), Math.round((ms % HOUR_MS) / MINUTE_MS)];
  return `for ${[hours > 0 ? `${hours} h` : "", minutes > 0 || hours === 0 ? `${minutes} min` : ""].join(" ").trim()}`;
}

/** Findings about a state that can get worse under the same id: what they say now is news. */
const CAN_GET_WORSE: readonly FindingKind[] = ["setting", "conditionalAccess"];

/**
 * What is new, what says something else than before, and what is gone, against what was open. A source that could not be
 * read changes nothing.
 */
export function compareFindings(
  open: readonly OpenFinding[],
  read: ReadonlyMap<FindingKind, readonly Finding[]>,
): {
  readonly appeared: readonly Finding[];
  readonly changed: readonly OpenFinding[];
  readonly gone: readonly OpenFinding[];
} {
  const now = new Map([...read.values()].flat().map((finding) => [finding.id, finding]));
  const known = new Set(open.map(({ id }) => id));
  return {
    appeared: [...now.values()].filter(({ id }) => !known.has(id)),
    changed: open.flatMap((before) => {
      const text = now.get(before.id)?.text ?? before.text;
      if (text === before.text) return [];
      return [{ ...before, text, ...(CAN_GET_WORSE.includes(before.kind) ? { untold: true as const } : {}) }];
    }),
    gone: open.filter(({ id, kind }) => read.has(kind) && !now.has(id)),
  };
}
