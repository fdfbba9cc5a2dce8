import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { activationEvent, EVENT_TYPES, eventOf } from "../../../../shared/contracts/activation-event.ts";
import { chainRecord } from "../../../../shared/crypto/audit-chain.ts";
import type { AuditEvent, AuditEventType } from "../../../../shared/domain/audit-event.ts";

const SUBJECT = "0123456789abcdef0123456789abcdef";
const recordOf = (type: AuditEventType) => {
  const event: AuditEvent = {
    type,
    at: "2026-11-24T09:15:00.000Z",
    actor: { kind: "system", part: "worker" },
    data: { a: 1 },
  };
  return chainRecord(SUBJECT, "key", event, undefined);
};
const types = Object.keys(EVENT_TYPES) as (keyof typeof EVENT_TYPES)[];

describe("the event of a record", () => {
  it.each(types)("of type %s keeps the contract and carries the record's hash", (type) => {
    const record = recordOf(type);
    const event = activationEvent.parse(eventOf(record, "https://zs.example"));
    expect(event).toMatchObject({
      id: `${SUBJECT}-1`,
      subject: SUBJECT,
      type: `zero-standing.${EVENT_TYPES[type]}`,
      time: record.at,
      data: { sequence: 1, hash: record.hash, details: { a: 1 } },
    });
  });

  it("has a type of its own and a line in the documentation", () => {
    const documentation = readFileSync(new URL("../../../../docs/events.md", import.meta.url), "utf8");
    const documented = [...documentation.matchAll(/^\| `(activation\.[a-z-]+)` \|/gm)].map(([, type]) => type);
    expect(documented).toEqual(Object.values(EVENT_TYPES));
    expect(new Set(documented).size).toBe(types.length);
  });
});
