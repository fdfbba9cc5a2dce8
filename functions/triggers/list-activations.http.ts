import { viewOf } from "../activation/view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";
import { callingPerson } from "../http/person.ts";

const MOST = 50;

/** `GET /api/activations`: the caller's own, and those that wait for the caller. The newest fifty. */
export const listActivations =
  (door: Door): Handler =>
  async (request) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { key } = calling.caller.person;
    const ids = await door.store.listFor(key, MOST);
    const records = (await Promise.all(ids.map((id) => door.store.outline(id)))).filter(
      (record) => record !== undefined,
    );
    const own = records.filter(({ claim }) => claim.person === key).map((record) => viewOf(door, record, key));
    const asked = records.filter(({ claim }) => claim.person !== key).map((record) => viewOf(door, record, key));
    const waitingForMe = asked.filter(({ waitingFor }) =>
      waitingFor.some(({ persons }) => persons.some((person) => person.key === key)),
    );
    return json(200, { own, waitingForMe });
  };
