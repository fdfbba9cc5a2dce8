import type { ActiveAssignment, Eligibility } from "../../shared/domain/directory.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { DirectoryPosture, Principal } from "../../shared/domain/posture.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { PostureDirectory } from "../../shared/ports/posture-directory.ts";

/** What reading the posture needs. */
export interface PostureReader {
  readonly clock: Clock;
  readonly posture: PostureDirectory;
}

/**
 * Everything that is held and may be activated, in one pass over the directory; then what is known of the holders.
 * Changes nothing. @throws DependencyError
 */
export async function readPosture({ clock, posture }: PostureReader): Promise<DirectoryPosture> {
  const readAt = clock.now();
  const active: ActiveAssignment[] = [];
  const eligible: Eligibility[] = [];
  const principals = new Map<PrincipalId, Principal>();
  const keep = (holders: readonly Principal[]): void => holders.forEach((one) => principals.set(one.id, one));
  const [, , roles] = await Promise.all([
    posture.visitActive((rows, holders) => {
      active.push(...rows);
      keep(holders);
    }),
    posture.visitEligible((rows, holders) => {
      eligible.push(...rows);
      keep(holders);
    }),
    posture.roleDefinitions(),
  ]);
  const ofKind = (kind: Principal["kind"]): readonly PrincipalId[] =>
    [...principals.values()].filter((one) => one.kind === kind).map(({ id }) => id);
  const groupList = await Promise.all(ofKind("group").map((id) => posture.holdingGroup(id)));
  const groups = new Map(groupList.flatMap((group) => (group ? [[group.id, group] as const] : [])));
  const through = [...groups.values()].flatMap(({ members, owners }) => [...members, ...owners]);
  keep(await posture.users([...ofKind("user"), ...through]));
  return { readAt, active, eligible, roles: new Map(roles.map((role) => [role.id, role])), principals, groups };
}
