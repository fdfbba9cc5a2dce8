import {
  closedDoor,
  correctedRules,
  openedDoor,
  sameRule,
  type RoleRule,
  type RoleSettings,
} from "../../shared/domain/baseline.ts";
import { NO_ACCOUNT, type ChangeItem, type ItemProgress } from "../../shared/domain/change.ts";
import type { DirectoryScopeId } from "../../shared/domain/ids.ts";
import type { Governance, RolePolicy } from "../../shared/domain/policy.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { progressOf } from "../changes/frozen-change.ts";

const APPROVAL = "Approval_EndUser_Assignment";

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
  const items =
    action === "undo"
      ? await undoing(worker, undoes)
      : settingItems(await worker.posture.roleSettings(), policy, action);
  if (items.length === 0) return { refusal: refusal("NothingToDo") };
  const words = [
    `${WORDS[action]}: ${items.length} rules.`,
    ...items.map(({ role, rule }) => `${role}: ${rule?.wanted.id ?? ""}`),
  ];
  return { contents: { items, words, needsApproval: true } };
}

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

/** What the worker itself recorded that the change found, the last first. */
async function undoing(
  worker: ChangeWorker,
  id: ChangeItem["principalId"] | string | null,
): Promise<readonly ChangeItem[]> {
  const record =
    id === null ? undefined : await worker.changes.load(id as Parameters<ChangeWorker["changes"]["load"]>[0]);
  if (record?.change.body.kind !== "settings") return [];
  const rows = await worker.changes.allProgress(record.change.id);
  return undoItems(rows.map((row, index) => progressOf(worker.sealing, row, record.change.id, index + 1)));
}

/** The way back of what was set, the last first. Pure. */
export const undoItems = (progress: readonly (ItemProgress | undefined)[]): readonly ChangeItem[] =>
  progress
    .flatMap((one) => {
      if (!one?.item.rule || one.makes === 0) return [];
      const { rule, role, roleDefinitionId } = one.item;
      return [itemOf(roleDefinitionId, role, { policyId: rule.policyId, before: rule.wanted, wanted: rule.before })];
    })
    .toReversed();

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
