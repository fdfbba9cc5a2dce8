import { isFinal } from "../../shared/domain/activation.ts";
import { plus, SECOND_MS } from "../../shared/domain/time.ts";
import { stateOf } from "../activation/facts.ts";
import { viewOf } from "../activation/view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { callingPerson, refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";
import { visibleActivation } from "./show-activation.http.ts";

/**
 * `POST /api/activations/{id}/end`: ends the access early, or withdraws the request; by the requester, an approver or
 * the identity team. Asking again changes nothing.
 */
export const endActivation =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person, account } = calling.caller;
    const record = await visibleActivation(door, calling.caller, request.params["id"]);
    if (!record) return refuseAtDoor(door, account, { reason: "NotFound" });
    if (isFinal(stateOf(record)))
      return refuseAtDoor(door, account, { reason: "NotFound" }, problem("Conflict", "It is over already."));
    const now = door.clock.now();
    const how = ["Active", "Ending", "Granting"].includes(stateOf(record).status) ? "end" : "withdraw";
    await door.store.ask({
      activationId: record.id,
      key: `stop-${how}-${person.key.replaceAll(".", "_")}`,
      createdAt: now,
      dueAt: plus(now, 30 * SECOND_MS),
      body: { kind: "stop", how, person: person.key, account },
    });
    await door.gatewayOf(context).ring(record.id);
    return json(202, viewOf(door, record, person.key), { location: `/api/activations/${record.id}` });
  };
