import * as z from "zod";
import { parsePersonKey } from "../domain/ids.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../domain/time.ts";
import { duration, list, map, shortText, wholeNumber } from "./policy-forms.ts";

/** The names that a file gives to groups. */
export const GROUP_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

export type NamedSource =
  | { readonly kind: "manager" }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "person"; readonly person: string };

/** `manager`, or a map with one key that says what the name under it means. */
export const SOURCE = z.unknown().transform((value, context): NamedSource => {
  if (value === "manager") return { kind: "manager" };
  const [[kind, name] = [], ...others] = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const text = typeof name === "string" ? name : "";
  if (others.length === 0 && kind === "group" && GROUP_NAME.test(text)) return { kind, group: text };
  if (others.length === 0 && kind === "person" && parsePersonKey(text)) return { kind, person: text };
  const path = others.length === 0 && (kind === "group" || kind === "person") ? [kind] : [];
  context.addIssue({ code: "custom", path, message: "must be `manager`, `group: <name>` or `person: <key>`" });
  return z.NEVER;
});

const MANUAL = {
  requirements: list(map({ name: shortText(60), count: wholeNumber(1, 10).default(1), from: list(SOURCE) })),
  decideWithin: duration(5 * MINUTE_MS, 7 * DAY_MS).default(4 * HOUR_MS),
  remindAfter: duration(MINUTE_MS, 7 * DAY_MS).optional(),
  escalateAfter: duration(MINUTE_MS, 7 * DAY_MS).optional(),
  backups: list(SOURCE, 0).default([]),
};

export type ManualEntry = z.infer<z.ZodObject<typeof MANUAL>>;

/** A person's manager is one person, whom the person may have chosen: never enough alone. */
function checkManual(approval: ManualEntry, context: z.RefinementCtx): void {
  const issue = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: "custom", path, message });
  const isManager = ({ kind }: NamedSource): boolean => kind === "manager";
  const { requirements, backups, decideWithin } = approval;
  if (
    requirements.length > 0 &&
    !requirements.some(({ from, count }) => !from.some(isManager) || (count > 1 && !from.every(isManager)))
  )
    issue(["requirements"], "must have one that a manager alone cannot meet: add one from a group or a person");
  requirements.forEach(({ from, count }, index) => {
    if (count > 1 && from.every(isManager)) issue(["requirements", index, "count"], "must be 1: there is one manager");
  });
  if (backups.some(isManager)) issue(["backups"], "must not hold `manager`: backups count for every requirement");
  for (const key of ["remindAfter", "escalateAfter"] as const)
    if ((approval[key] ?? 0) >= decideWithin) issue([key], "must be shorter than decideWithin");
}

const MODES = "must be `automatic`, or a map with `requirements`, or with `mode: automatic` and `unlessSelfMade`";

/** `automatic` alone is short for `mode: automatic`; a map without `mode` is manual. */
export const APPROVAL = z.preprocess(
  (value) => {
    if (typeof value === "string") return { mode: value };
    return typeof value === "object" && value !== null && !("mode" in value) ? { mode: "manual", ...value } : value;
  },
  z.discriminatedUnion(
    "mode",
    [
      map({ mode: z.literal("automatic"), unlessSelfMade: map(MANUAL).superRefine(checkManual).optional() }),
      map({ mode: z.literal("manual"), ...MANUAL }).superRefine(checkManual),
    ],
    MODES,
  ),
);
