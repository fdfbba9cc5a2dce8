import { askWithdrawal, mayWithdraw } from "../changes/ask-withdrawal.ts";
import { viewOfChange } from "../changes/change-view.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { callingPerson, refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { visibleChange } from "./show-change.http.ts";

/** `POST /api/changes/{id}/withdraw`: who asked for a change takes it back, before its work began. Asking again changes nothing. */
export const withdrawChange =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person, account } = calling.caller;
    const id = parseActivationId(request.params["id"] ?? "");
    const record = id && (await visibleChange(door, person, id));
    if (record?.change.askedBy !== person.key) return refuseAtDoor(door, account, { reason: "NotFound" });
    if (!mayWithdraw(record, person))
      return refuseAtDoor(
        door,
        account,
        { reason: "NotFound" },
        problem("Conflict", "Its work has begun, or it is over."),
      );
    await askWithdrawal(door, context, record.change, calling.caller);
    return json(202, viewOfChange(record, door.policies.people, door.links.changePage(record.change.id)));
  };
