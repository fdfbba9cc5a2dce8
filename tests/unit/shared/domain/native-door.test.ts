import { describe, expect, it } from "vitest";
import type { Group } from "../../../../shared/domain/directory.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import { doorGaps } from "../../../../shared/domain/native-door.ts";

const [GROUP, GLASS_1, GLASS_2, ADA] = ["g", "b1", "b2", "ada"] as PrincipalId[] as [
  PrincipalId,
  PrincipalId,
  PrincipalId,
  PrincipalId,
];
const aGroup = (changes: Partial<Group> = {}): Group => ({
  id: GROUP,
  assignableToRole: true,
  dynamic: false,
  nested: false,
  owned: false,
  members: [GLASS_1, GLASS_2],
  ...changes,
});
const gaps = (group: Group | undefined): readonly string[] =>
  doorGaps(GROUP, group, [GLASS_1, GLASS_2], (id) => id.toUpperCase()).map(({ id, text }) => `${id}: ${text}`);

describe("the group of the native door", () => {
  it("has no gap where it is guarded and holds break-glass accounts only", () => {
    expect(gaps(aGroup())).toEqual([]);
    expect(gaps(aGroup({ members: [GLASS_2] }))).toEqual([]);
  });

  it.each<[string, Group | undefined, RegExp]>([
    ["is not there", undefined, /^native door none: The group g, .* is not there\.$/],
    ["holds somebody else", aGroup({ members: [GLASS_1, ADA] }), /^native door member ada: .* holds ADA, which is no/],
    ["holds nobody", aGroup({ members: [] }), /^native door empty: /],
    ["is changed by many", aGroup({ assignableToRole: false }), /^native door unguarded: .* not role-assignable/],
    ["has a rule", aGroup({ dynamic: true }), /unguarded: .* rule for its members\.$/],
    ["holds a group", aGroup({ nested: true }), /unguarded: .* members that are no users\.$/],
    ["has an owner", aGroup({ owned: true }), /unguarded: .* has owners\.$/],
  ])("has one where it %s", (_what, group, expected) => {
    expect(gaps(group)).toEqual([expect.stringMatching(expected)]);
  });

  it("has one for each account that is no break-glass account", () => {
    expect(gaps(aGroup({ members: [ADA, "eva" as PrincipalId] })).map((line) => line.split(":")[0])).toEqual([
      "native door member ada",
      "native door member eva",
      "native door empty",
    ]);
  });
});
