import { fault, fine, type CheckResult } from "../../shared/domain/doctor.ts";
import type { PermissionsFile } from "./permissions-file.ts";

/** One way in which somebody can deploy to, configure or take over the apps and identities. */
export interface Power {
  readonly principalId: string;
  readonly name: string;
  readonly kind: string;
  /** What, by what and where: `can deploy to func-worker (Contributor at /subscriptions/…)`. */
  readonly can: string;
  /** Only after an activation (PIM). */
  readonly eligible: boolean;
  /** Sends messages, and that is all. */
  readonly messages?: boolean;
  /** How to take it away. */
  readonly remove: string;
}

/** Everybody with at least one such way. */
export interface ShownAdministrator {
  readonly principalId: string;
  readonly name: string;
  readonly kind: string;
  readonly can: readonly string[];
  /** Why the file lists them; `null`: it does not. */
  readonly because: string | null;
}

/** Who can, each once, and a fault for everybody whom the file does not list, or not for that. Pure. */
export function judgeAdministrators(
  powers: readonly Power[],
  { administrators }: PermissionsFile,
): { readonly shown: readonly ShownAdministrator[]; readonly results: readonly CheckResult[] } {
  const listed = new Map<string, Listed>(administrators.map((one) => [one.principal, one]));
  const shown: ShownAdministrator[] = [];
  const results: CheckResult[] = [];
  for (const [principalId, theirs] of Map.groupBy(powers, (power) => power.principalId.toLowerCase())) {
    const { name = principalId, kind = "unknown" } =
      theirs.find((power) => power.name !== principalId) ?? theirs[0] ?? {};
    const can = [...new Set(theirs.map((power) => power.can))];
    const entry = listed.get(principalId);
    shown.push({ principalId, name, kind, can, because: entry?.because ?? null });
    const beyond = theirs.filter((power) => !(entry && covers(entry, power)));
    if (beyond.length > 0) results.push(judge(`${name} (${principalId})`, principalId, beyond, entry));
  }
  shown.sort((a, b) => Number(a.because !== null) - Number(b.because !== null));
  if (results.length > 0) return { shown, results };
  return { shown, results: [fine("administrators", `All ${shown.length} who can take over the apps are listed.`)] };
}

type Listed = PermissionsFile["administrators"][number];

const covers = ({ only }: Listed, { eligible, messages = false }: Power): boolean =>
  only === undefined || (only === "eligible" ? eligible : messages);

const LISTED_FOR = { eligible: "what has to be activated", messages: "sending messages" } as const;

function judge(who: string, principalId: string, powers: readonly Power[], entry: Listed | undefined): CheckResult {
  const can = [...new Set(powers.map((power) => power.can))].join("; ");
  const removals = [...new Set(powers.map(({ remove }) => remove))].join("; ");
  if (entry?.only)
    return fault(
      "administrators",
      `${who} is listed for ${LISTED_FOR[entry.only]} only (only: ${entry.only}), and ${can}.`,
      `${removals}; or take only: ${entry.only} away from ${principalId} in infra/permissions.yaml, with the reason.`,
    );
  const only = (["eligible", "messages"] as const).find((one) => powers.every((power) => power[one]));
  const narrowly = only ? ` and only: ${only}` : "";
  return fault(
    "administrators",
    `${who} is not listed and ${can}.`,
    `${removals}; or list ${principalId} under administrators in infra/permissions.yaml, with the reason${narrowly}.`,
  );
}
