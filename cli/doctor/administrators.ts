import { fault, fine, type CheckResult } from "../../shared/domain/doctor.ts";
import type { PermissionsFile } from "./permissions-file.ts";

/** One way in which somebody can deploy to, configure or take over the apps and identities. */
export interface Power {
  readonly principalId: string;
  readonly name: string;
  readonly kind: string;
  /** What, by what and where: `can deploy to func-worker (Contributor at /subscriptions/…)`. */
  readonly can: string;
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

/** Who can, each once, and a fault for everybody whom the file does not list. Pure. */
export function judgeAdministrators(
  powers: readonly Power[],
  { administrators }: PermissionsFile,
): { readonly shown: readonly ShownAdministrator[]; readonly results: readonly CheckResult[] } {
  const listed = new Map<string, string>(administrators.map(({ principal, because }) => [principal, because]));
  const shown: ShownAdministrator[] = [];
  const results: CheckResult[] = [];
  for (const [principalId, theirs] of Map.groupBy(powers, (power) => power.principalId.toLowerCase())) {
    const { name = principalId, kind = "unknown" } =
      theirs.find((power) => power.name !== principalId) ?? theirs[0] ?? {};
    const can = [...new Set(theirs.map((power) => power.can))];
    const because = listed.get(principalId) ?? null;
    shown.push({ principalId, name, kind, can, because });
    if (because !== null) continue;
    const removals = [...new Set(theirs.map(({ remove }) => remove))];
    const list = `list ${principalId} under administrators in infra/permissions.yaml, with the reason`;
    results.push(
      fault(
        "administrators",
        `${name} (${principalId}) is not listed and ${can.join("; ")}.`,
        `${removals.join("; ")}; or ${list}.`,
      ),
    );
  }
  shown.sort((a, b) => Number(a.because !== null) - Number(b.because !== null));
  if (results.length > 0) return { shown, results };
  return { shown, results: [fine("administrators", `All ${shown.length} who can take over the apps are listed.`)] };
}
