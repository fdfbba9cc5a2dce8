import { freezeBody } from "../../shared/contracts/freeze.ts";
import { plus, SECOND_MS } from "../../shared/domain/time.ts";
import { newActivationId } from "../activities/handle-ticket-event.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json, readJson } from "../http/json.ts";
import { callingPerson, isIdentityTeam, refuseAtDoor } from "../http/person.ts";

/** `POST /api/freeze`: stops all grants and ends every role that is held. Stopping needs no second person; identity team only. */
export const freezeGrants =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person, account } = calling.caller;
    if (!(await isIdentityTeam(door, person))) return refuseAtDoor(door, account, { reason: "Forbidden" });
    const read = await readJson(request, freezeBody);
    if ("answer" in read) return refuseAtDoor(door, account, { reason: "InvalidRequest" }, read.answer);
    const now = door.clock.now();
    const freeze = await door.controls.startFreeze({
      id: newActivationId(),
      at: now,
      by: person.key,
      account,
      because: read.body.because,
    });
    // Nothing that is held waits for the trail; what is not written down fails the call, to be made again.
    const [recorded] = await Promise.allSettled([
      door.audit.append("controls", freeze.id, {
        type: "GrantsFrozen",
        at: now,
        actor: { kind: "person", person: person.key, account },
        data: { freezeId: freeze.id },
      }),
    ]);
    const gateway = door.gatewayOf(context);
    const held = await door.store.watched();
    for (const { activationId } of held)
      await door.store.ask({
        activationId,
        key: freeze.id,
        createdAt: now,
        dueAt: plus(now, 30 * SECOND_MS),
        body: { kind: "freeze", freezeId: freeze.id },
      });
    await Promise.all(held.map(({ activationId }) => gateway.ring(activationId))); // all rows stand before any bell
    if (recorded.status === "rejected") throw recorded.reason;
    return json(202, { frozen: true, since: freeze.at, by: freeze.by, page: door.links.freezePage() });
  };
