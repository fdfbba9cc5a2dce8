import type { z } from "zod";
import { settingsBody, type settingsPreview } from "../../shared/contracts/change.ts";
import type { RoleSettings } from "../../shared/domain/baseline.ts";
import type { ChangeId, ItemProgress } from "../../shared/domain/change.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import { answerAsked } from "../changes/answer-asked.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { itemText, leftText, settingItems, undoItems } from "../settings/open-settings.ts";
import { shownJson } from "../shown-json.ts";

/**
 * `POST /api/baseline/changes`: sets the settings of roles in PIM to the baseline, back, or the native door alone; without
 * `execute` it says what would be set. The worker reads everything anew, and a second person decides. Identity team only.
 */
export const changeSettings = (door: Door): Handler =>
  forIdentityTeam(door, async (request, caller, context) => {
    const { policy } = door.policies;
    const { governance } = policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    const read = await readJson(request, settingsBody);
    if ("answer" in read) return refuseAtDoor(door, caller.account, { reason: "InvalidRequest" }, read.answer);
    const { action, because, execute, change: undone = "" } = read.body;
    const undoes = action === "undo" ? parseActivationId(undone) : null;
    if (undoes === undefined)
      return refuseAtDoor(
        door,
        caller.account,
        { reason: "InvalidRequest" },
        problem("InvalidRequest", "`change` names what is undone."),
      );
    if (!execute || action !== "undo") {
      const settings = await door.posture.roleSettings();
      const found =
        action === "undo"
          ? await shownUndo(door, undoes, settings)
          : { items: settingItems(settings, { ...policy, governance }, action), left: [] };
      if (!found) return problem("NotFound");
      const { items, left } = found;
      if (!execute) {
        const rules = items.map((item) => ({ role: item.role, rule: item.holder, text: itemText(item) }));
        const view = { dryRun: true, action, rules, left: left.map(leftText) } as const;
        return json(200, view satisfies z.input<typeof settingsPreview>);
      }
      if (items.length === 0) return refuseAtDoor(door, caller.account, refusal("NothingToDo"));
    }
    return answerAsked(door, context, caller, {
      because,
      body: { kind: "settings", action, undoes },
      items: [],
    });
  });

/** What the way back would set, as stored, for the eye only; `undefined`: there is no such change of settings. */
async function shownUndo(
  { changes }: Pick<Door, "changes">,
  id: ChangeId | null,
  settings: ReadonlyMap<string, RoleSettings>,
): Promise<ReturnType<typeof undoItems> | undefined> {
  const record = id === null ? undefined : await changes.load(id);
  if (record?.change.body.kind !== "settings") return undefined;
  const rows = await changes.allProgress(record.change.id);
  return undoItems(
    rows.map(({ body }) => shownJson(body) as ItemProgress | undefined),
    settings,
  );
}
