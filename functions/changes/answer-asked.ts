import type { HttpResponseInit, InvocationContext } from "@azure/functions";
import type { Door } from "../door.ts";
import { json } from "../http/json.ts";
import { refuseAtDoor, type CallingPerson } from "../http/person.ts";
import { askChange } from "./ask-change.ts";
import { viewOfChange } from "./change-view.ts";

/** Has a change asked for and answers how it stands, with 202; or refuses it, on the record. */
export async function answerAsked(
  door: Door,
  context: InvocationContext,
  caller: CallingPerson,
  asking: Parameters<typeof askChange>[3],
): Promise<HttpResponseInit> {
  const asked = await askChange(door, context, caller, asking);
  if ("refusal" in asked) return refuseAtDoor(door, caller.account, asked.refusal);
  const { id } = asked.change;
  const record = await door.changes.load(id);
  if (!record) throw new Error("the change is not there");
  const view = viewOfChange(record, door.policies.people, door.links.changePage(id));
  return json(202, view, { location: `/api/changes/${id}` });
}
