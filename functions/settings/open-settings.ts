import {
  asksMfa,
  closedDoor,
  correctedRules,
  openedDoor,
  sameRule,
  type RoleRule,
  type RoleSettings,
} from "../../shared/domain/baseline.ts";
import { NO_ACCOUNT, type ChangeId, type ChangeItem, type ItemProgress } from "../../shared/domain/change.ts";
import type { DirectoryScopeId } from "../../shared/domain/ids.ts";
import type { Governance, RolePolicy } from "../../shared/domain/policy.ts";
import { ruleChangeText } from "../../shared/domain/rule-words.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { progressOf } from "../changes/frozen-change.ts";

const APPROVAL = "Approval_EndUser_Assignment";
const CONTEXT = "AuthenticationContext_EndUser_Assignment";

const WORDS = {
  apply: "The settings of roles in PIM are set to what the policy asks for",
  undo: "The settings of roles in PIM are set back to what a change found",
  nativeOpen: "The native door is opened: who is eligible may activate in PIM itself, past this system",
  nativeClose: "The native door is closed: activating in PIM itself needs the break-glass accounts",
} as const;

/** What would be patched, rule by rule, as the directory is now; settings guard everything, so a second person decides. */
export async function openSettings(
  worker: ChangeWorker,
  { change, policy }: Opening<"settings">,
): Promise<OpeningResult> {
  const { action, undoes } = change.body;
  const settings = await worker.posture.roleSettings();
  const { items, left } =
    action === "undo"
      ? undoItems(await recordedBy(worker, undoes), settings)
      : { items: settingItems(settings, policy, action), left: [] };
  if (items.length === 0) return { refusal: refusal("NothingToDo", left.map(leftText).join("; ") || undefined) };
  const words = [`${WORDS[action]}: ${rulesText(items.length)}.`, ...items.map(itemText), ...left.map(leftText)];
  return { contents: { items, words, needsApproval: true } };
}

/** One rule, and what becomes of it, in words. */
export const itemText = ({ role, rule }: ChangeItem): string =>
  rule ? `${role}, ${rule.wanted.id}: ${ruleChangeText(rule.before, rule.wanted)}` : role;

/** A rule that is not set back, and why. */
interface LeftRule {
  readonly item: ChangeItem;
  readonly because: string;
}

export const leftText = ({ item: { role, holder }, because }: LeftRule): string =>
  `Left as it is: ${role}, ${holder}: ${because}`;

const rulesText = (count: number): string => `${count} ${count === 1 ? "rule" : "rules"}`;

/** The rules that differ from what the action wants. Pure. */
export function settingItems(
  settings: ReadonlyMap<string, RoleSettings>,
  { roles, governance }: { readonly roles: readonly RolePolicy[]; readonly governance: Governance },
  action: "apply" | "nativeOpen" | "nativeClose",
): readonly ChangeItem[] {
  return roles.flatMap((role) => {
    const found = settings.get(role.roleDefinitionId);
    if (!found) return [];
    const pairs =
      action === "apply" ? correctedRules(role, found.rules, governance) : doorOf(found.rules, governance, action);
    return pairs
      .filter(({ before, wanted }) => !sameRule(before, wanted))
      .map((pair) => itemOf(role.roleDefinitionId, role.name, { policyId: found.policyId, ...pair }));
  });
}

function doorOf(
  rules: readonly RoleRule[],
  { nativeDoorGroup }: Governance,
  action: "nativeOpen" | "nativeClose",
): readonly { readonly before: RoleRule; readonly wanted: RoleRule }[] {
  const before = rules.find(({ id }) => id === APPROVAL);
  if (!before) return [];
  if (action === "nativeOpen") return [{ before, wanted: openedDoor(before) }];
  return nativeDoorGroup === undefined ? [] : [{ before, wanted: closedDoor(before, nativeDoorGroup) }];
}

/** What the worker itself recorded about the change that is undone. */
async function recordedBy(worker: ChangeWorker, id: ChangeId | null): Promise<readonly (ItemProgress | undefined)[]> {
  const record = id === null ? undefined : await worker.changes.load(id);
  if (record?.change.body.kind !== "settings") return [];
  const rows = await worker.changes.allProgress(record.change.id);
  return rows.map((row, index) => progressOf(worker.sealing, row, record.change.id, index + 1));
}

/**
 * The way back of what was set, the last first: of each rule that stands as it was set. `left`: what somebody else changed
 * since, and what PIM would refuse; what stands as it was found needs nothing. Pure.
 */
export function undoItems(
  progress: readonly (ItemProgress | undefined)[],
  settings: ReadonlyMap<string, RoleSettings>,
): { readonly items: readonly ChangeItem[]; readonly left: readonly LeftRule[] } {
  const back = progress
    .flatMap((one) => {
      if (!one?.item.rule || one.makes === 0) return [];
      const { rule, role, roleDefinitionId } = one.item;
      return [itemOf(roleDefinitionId, role, { policyId: rule.policyId, before: rule.wanted, wanted: rule.before })];
    })
    .toReversed();
  const found = ({ roleDefinitionId }: ChangeItem, id: string): RoleRule | undefined =>
    settings.get(roleDefinitionId)?.rules.find((rule) => rule.id === id);
  const stands = (item: ChangeItem, as: "before" | "wanted"): boolean => {
    const rule = found(item, item.holder);
    return rule !== undefined && item.rule !== undefined && sameRule(rule, item.rule[as]);
  };
  const due = back.filter((item) => !stands(item, "wanted"));
  const unchanged = due.filter((item) => stands(item, "before"));
  const context = (item: ChangeItem): RoleRule | undefined =>
    unchanged.find(({ roleDefinitionId, holder }) => roleDefinitionId === item.roleDefinitionId && holder === CONTEXT)
      ?.rule?.wanted ?? found(item, CONTEXT);
  const isRefused = (item: ChangeItem): boolean =>
    item.rule !== undefined && asksMfa(item.rule.wanted) && context(item)?.["isEnabled"] === true;
  return {
    items: unchanged.filter((item) => !isRefused(item)),
    left: [
      ...due
        .filter((item) => !stands(item, "before"))
        .map((item) => ({ item, because: "somebody else changed it since" })),
      ...unchanged
        .filter(isRefused)
        .map((item) => ({ item, because: "PIM refuses MFA beside the authentication context that stays" })),
    ],
  };
}

const itemOf = (
  roleDefinitionId: ChangeItem["roleDefinitionId"],
  role: string,
  rule: NonNullable<ChangeItem["rule"]>,
): ChangeItem => ({
  action: "setRule",
  principalId: NO_ACCOUNT,
  roleDefinitionId,
  directoryScopeId: "/" as DirectoryScopeId,
  role,
  holder: rule.wanted.id,
  person: "",
  eligibleForMs: 0,
  madeEligible: false,
  rule,
});
