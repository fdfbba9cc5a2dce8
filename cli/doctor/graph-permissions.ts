import type { DoctorView, PartReport } from "../../shared/contracts/doctor.ts";
import { fault, fine, warning, type CheckResult } from "../../shared/domain/doctor.ts";
import { parsePrincipalId } from "../../shared/domain/ids.ts";
import { tier0Permission } from "../../shared/domain/tier0-permissions.ts";
import { grantCommand, revokeCommand, type PermissionGap } from "./permission-commands.ts";
import type { PermissionsFile } from "./permissions-file.ts";

/** What the policy says that permissions depend on. */
type Stated = Pick<DoctorView, "mode" | "reviewsInEntra">;

/** What the identity of a part has, compared with what the file gives it. Pure. */
export function permissionGaps(
  { part, identity }: PartReport,
  stated: Stated,
  { parts }: PermissionsFile,
): readonly PermissionGap[] {
  const principalId = identity && parsePrincipalId(identity.principalId);
  if (!principalId) return [];
  const wanted = wantedFor(part, stated, parts);
  const held = identity.granted ?? identity.inToken;
  const missing = [...wanted].filter(([name]) => !held.some((one) => covers(one, name)));
  const surplus = held.filter((name) => !wanted.has(name));
  return [
    ...missing.map(([permission, because]) => ({ part, principalId, permission, kind: "missing" as const, because })),
    ...surplus.map((permission) => ({ part, principalId, permission, kind: "surplus" as const, because: "" })),
  ];
}

export function judgePermissions(
  { part, identity }: PartReport,
  gaps: readonly PermissionGap[],
): readonly CheckResult[] {
  if (!identity) return []; // the part says itself why not
  const name = `${part === "all" ? "The app's identity" : `The identity of the ${part}`} (${identity.principalId})`;
  const faults = gaps.map(({ kind, principalId, permission, because }) =>
    kind === "missing"
      ? fault("permissions", `${name} lacks ${permission}: ${because}.`, grantCommand(principalId, permission))
      : fault(
          "permissions",
          `${name} has ${permission}${tier0Permission("", permission) ? " (tier 0)" : ""}, which infra/permissions.yaml does not give it.`,
          revokeCommand(principalId, permission),
        ),
  );
  const stale = staleness(identity);
  const late =
    stale.length === 0
      ? []
      : [warning("permissions", `${name} still acts by an older token: ${stale.join(", ")}.`, WAIT)];
  if (faults.length + late.length > 0) return [...faults, ...late];
  const count = (identity.granted ?? identity.inToken).length;
  return [fine("permissions", `${name} has the ${count} permissions of Graph that it is given, and no other.`)];
}

const WAIT = "Wait for its next token: the platform gives an identity the same one for up to a day.";

/** What the token has not yet, and what it still has. */
const staleness = ({ inToken, granted }: NonNullable<PartReport["identity"]>): readonly string[] =>
  granted
    ? [
        ...granted.filter((one) => !inToken.includes(one)).map((one) => `${one} was granted since`),
        ...inToken.filter((one) => !granted.includes(one)).map((one) => `${one} was taken away since`),
      ]
    : [];

/** One process that is all parts has what any of them has, without what a wider one covers. Who watches only reads. */
function wantedFor(
  part: PartReport["part"],
  { mode, reviewsInEntra }: Stated,
  parts: PermissionsFile["parts"],
): ReadonlyMap<string, string> {
  const given = (part === "all" ? [parts.front, parts.sweeper, parts.worker] : [parts[part]]).flatMap(
    ({ graph, graphWhen }) =>
      Object.entries({ ...graph, ...(reviewsInEntra && mode === "enforce" ? graphWhen.reviewsInEntra : {}) }),
  );
  const asked = mode === "observe" ? given.flatMap(readOnly) : given;
  const names = asked.map(([name]) => name);
  return new Map(asked.filter(([name]) => !names.some((other) => other !== name && covers(other, name))));
}

/** Mails and what changes something are not needed to watch. */
function readOnly([name, because]: readonly [string, string]): readonly (readonly [string, string])[] {
  if (name === "Mail.Send" || name.includes(".Remove.")) return [];
  return [[name.replace(".ReadWrite.", ".Read."), because]];
}

/** `X.ReadWrite.Y` may do what `X.Read.Y` and `X.Remove.Y` may. */
const covers = (held: string, wanted: string): boolean =>
  held === wanted || ["Read", "Remove"].some((verb) => held === wanted.replace(`.${verb}.`, ".ReadWrite."));
