import type { Group } from "./directory.ts";
import type { PrincipalId } from "./ids.ts";

/** Why the native door is not as closed, or not as usable, as its settings look; the id is the same until it is gone. */
export interface DoorGap {
  readonly id: string;
  readonly text: string;
}

/**
 * What is wrong with the group that alone may approve activations in PIM itself: it must be guarded and hold break-glass
 * accounts and nobody else. Pure. @param group `undefined`: it is not there
 */
export function doorGaps(
  id: PrincipalId,
  group: Group | undefined,
  breakGlass: readonly PrincipalId[],
  nameOf: (account: PrincipalId) => string,
): readonly DoorGap[] {
  const gap = (what: string, text: string): DoorGap => ({
    id: `native door ${what}`,
    text: `The group ${id}, which alone may approve activations in PIM itself, ${text}`,
  });
  if (!group) return [gap("none", "is not there.")];
  const faults = [
    ...(group.assignableToRole ? [] : ["is not role-assignable, so that others than the top roles change it"]),
    ...(group.dynamic ? ["has a rule for its members"] : []),
    ...(group.nested ? ["has members that are no users"] : []),
    ...(group.owned ? ["has owners"] : []),
  ];
  const strangers = group.members.filter((member) => !breakGlass.includes(member));
  const isUsable = group.members.some((member) => breakGlass.includes(member));
  return [
    ...(faults.length === 0 ? [] : [gap("unguarded", `${faults.join("; ")}.`)]),
    ...strangers.map((member) =>
      gap(`member ${member}`, `holds ${nameOf(member)}, which is no break-glass account of the policy.`),
    ),
    ...(isUsable
      ? []
      : [gap("empty", "holds no break-glass account: nobody can let somebody in without this system.")]),
  ];
}
