import { requestActivationBody } from "../../shared/contracts/request-activation.ts";
import { claimFor } from "../activation/claim-request.ts";
import { viewOf } from "../activation/view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json, readJson } from "../http/json.ts";
import { callingPerson, refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";

const KEY = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * `POST /api/activations`: asks for a role. Who asks comes from the token only. The same request again gets the same
 * activation; a further use of the ticket needs a new `Idempotency-Key`.
 */
export const requestActivation =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person, account } = calling.caller;
    const read = await readJson(request, requestActivationBody);
    const requestKey = request.headers.get("idempotency-key");
    if ("answer" in read) return refuseAtDoor(door, account, { reason: "InvalidRequest" }, read.answer);
    if (requestKey !== null && !KEY.test(requestKey))
      return refuseAtDoor(door, account, {
        reason: "InvalidRequest",
        detail: "Idempotency-Key must be 8 to 64 of A-Z a-z 0-9 _ -",
      });
    const asked = await claimFor(door, { via: { door: "http", requestKey }, person, body: read.body });
    if ("refusal" in asked) return refuseAtDoor(door, account, asked.refusal);
    const { won, claim } = await door.store.claim(asked.candidate);
    if (won) await door.gatewayOf(context).start(claim.activationId);
    const record = await door.store.outline(claim.activationId);
    if (!record) return problem("Unavailable");
    return json(202, viewOf(door, record, person.key), { location: `/api/activations/${claim.activationId}` });
  };
