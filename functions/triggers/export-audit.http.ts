import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../shared/domain/checkpoint.ts";
import { parseInstant } from "../../shared/domain/time.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { problem } from "../http/problem.ts";
import { callingPerson, isIdentityTeam } from "../http/person.ts";

/**
 * `GET /api/audit?from=…&to=…`: the audit trail as JSON lines, whole chains in order; identity team only. A whole trail
 * begins with its checkpoints: read before the records, they cannot name one that the file does not have yet.
 */
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
    const isWhole = from === undefined && to === undefined;
    const records = door.audit.read({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    return {
      status: 200,
      headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
      body: lines(isWhole ? door.checkpoints.read(0) : [], records),
    };
  };

async function* lines(
  checkpoints: AsyncIterable<Checkpoint> | readonly Checkpoint[],
  records: AsyncIterable<AuditRecord>,
): AsyncIterable<Uint8Array> {
  for await (const checkpoint of checkpoints) yield line({ checkpoint });
  for await (const record of records) yield line(record);
}

const line = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);
