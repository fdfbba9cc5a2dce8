import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { parseInstant } from "../../shared/domain/time.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { problem } from "../http/problem.ts";
import { callingPerson, isIdentityTeam } from "../http/person.ts";

/** `GET /api/audit?from=…&to=…`: the audit trail as JSON lines, whole chains in order; identity team only. */
export const exportAudit =
  (door: Door): Handler =>
  async (request) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { person } = calling.caller;
    if (!(await isIdentityTeam(door, person))) return problem("Forbidden");
    const bounds = ["from", "to"].map((name) => ({ name, text: request.query.get(name) }));
    if (bounds.some(({ text }) => text !== null && parseInstant(text) === undefined))
      return problem("InvalidRequest", "from and to must be ISO 8601 instants");
    const [from, to] = bounds.map(({ text }) => (text === null ? undefined : parseInstant(text)));
    const records = door.audit.read({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    return {
      status: 200,
      headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
      body: lines(records),
    };
  };

async function* lines(records: AsyncIterable<AuditRecord>): AsyncIterable<Uint8Array> {
  for await (const record of records) yield Buffer.from(`${JSON.stringify(record)}\n`);
}
