import { describe, expect, it } from "vitest";
import { pendingOfRows } from "../../../../../shared/adapters/tables/pending-rows.ts";
import type { StoredRow } from "../../../../../shared/adapters/tables/table.ts";

const AT = "2026-11-24T09:00:00.000Z";
const aRow = (changes: Readonly<Record<string, unknown>>): StoredRow => ({
  partitionKey: "a".repeat(32),
  rowKey: "watch",
  etag: "1",
  kind: "watch",
  json: JSON.stringify({ createdAt: AT, dueAt: AT, body: { kind: "watch" } }),
  ...changes,
});
const withBody = (body: unknown): StoredRow =>
  aRow({ kind: undefined, json: JSON.stringify({ createdAt: AT, dueAt: AT, body }) });

describe("rows of what is due", () => {
  const good = { activationId: "a".repeat(32), key: "watch", createdAt: AT, dueAt: AT, body: { kind: "watch" } };

  it.each<[string, StoredRow]>([
    ["whose body is null", withBody(null)],
    ["whose body is false", withBody(false)],
    ["whose body is empty", withBody("")],
    ["whose body is a number", withBody(7)],
    ["whose body names no kind", withBody({})],
    ["that say one kind and are another", aRow({ kind: "send" })],
    ["that are null", aRow({ json: "null" })],
    ["that are no JSON", aRow({ json: "{" })],
    ["without a time", aRow({ json: JSON.stringify({ body: { kind: "watch" } }) })],
    ["of no activation", aRow({ partitionKey: "x" })],
  ])("leave out those %s, and keep the others", (_what, bad) => {
    expect(pendingOfRows([bad, aRow({}), bad])).toEqual([good]);
  });
});
