import { parseActivationId } from "../../shared/domain/ids.ts";
import type { ActivationRecord } from "../../shared/ports/activation-store.ts";
import { shownRequest, viewOf } from "../activation/view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { problem } from "../http/problem.ts";
import { json } from "../http/json.ts";
import { callingPerson, isIdentityTeam, type CallingPerson } from "../http/person.ts";

/** `GET /api/activations/{id}`: for the requester, the approvers and the identity team; for everybody else it is not there. */
export const showActivation =
  (door: Door): Handler =>
  async (request) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const record = await visibleActivation(door, calling.caller, request.params["id"]);
    return record ? json(200, viewOf(door, record, calling.caller.person.key)) : problem("NotFound");
  };

/** The activation if the caller has something to do with it. */
export async function visibleActivation(
  door: Door,
  { person }: CallingPerson,
  idText: string | undefined,
): Promise<ActivationRecord | undefined> {
  const id = parseActivationId(idText ?? "");
  const record = id && (await door.store.load(id));
  if (!record) return undefined;
  const concerned =
    record.claim.person === person.key || shownRequest(record)?.approvers.some((one) => one.person === person.key);
  return concerned || (await isIdentityTeam(door, person)) ? record : undefined;
}
