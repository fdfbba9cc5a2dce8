import type { ItemProgress } from "../../shared/domain/change.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { rulesAgainstStanding, wayBack, type WayBack } from "../../shared/domain/way-back.ts";
import { listed } from "../../shared/domain/wave.ts";
import { readPosture, type PostureReader } from "./read-posture.ts";

/**
 * What of a wave can be put back right now, by what the directory shows; or why nothing can. Changes nothing.
 * @param changes items of the wave's conversions and ways back, the newest change first
 * @throws DependencyError
 */
export async function readWayBack(
  reader: PostureReader,
  changes: readonly (readonly ItemProgress[])[],
): Promise<WayBack | { readonly refusal: Refusal }> {
  const ids = [...new Set(changes.flat().map(({ item }) => item.principalId))];
  const [posture, users] = await Promise.all([readPosture(reader), reader.posture.users(ids)]);
  const back = wayBack(changes, posture, new Map(users.map((user) => [user.id, user])));
  if (back.items.length === 0)
    return { refusal: refusal("NothingToDo", listed(back.leftOut) || "nothing of this wave is converted") };
  const settings = back.again.length > 0 ? await reader.posture.roleSettings() : new Map<never, never>();
  const against = back.again.flatMap(({ role, roleDefinitionId }) =>
    rulesAgainstStanding(settings.get(roleDefinitionId)?.rules ?? []).map((rule) => `${role} (${rule})`),
  );
  return against.length > 0 ? { refusal: refusal("PreflightFailed", forbidden(against)) } : back;
}

const forbidden = (against: readonly string[]): string =>
  `The settings in PIM allow no standing assignment: ${[...new Set(against)].join(", ")}. Set them back first, with zs policy undo.`;
