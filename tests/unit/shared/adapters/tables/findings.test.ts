import { describe, expect, it } from "vitest";
import { createFindings } from "../../../../../shared/adapters/tables/findings.ts";
import { encodeKey } from "../../../../../shared/adapters/tables/keys.ts";
import type { StoredRow, Table } from "../../../../../shared/adapters/tables/table.ts";

const FINDING = { id: "standing ada", kind: "standing", text: "ada stands", since: "2026-11-24T09:00:00.000Z" };
const rowOf = (json: unknown, rowKey = encodeKey(FINDING.id)): StoredRow => ({
  partitionKey: "open",
  rowKey,
  etag: "1",
  json: JSON.stringify(json),
});

describe("open findings", () => {
  it.each<[string, StoredRow]>([
    ["is empty", rowOf({})],
    ["is null", rowOf(null)],
    ["has an id of no text", rowOf({ ...FINDING, id: 7 })],
    ["has an id that no key holds", rowOf({ ...FINDING, id: "x".repeat(2_000) })],
    ["has no beginning", rowOf({ ...FINDING, since: undefined })],
    ["lies in another's place", rowOf(FINDING, "x")],
  ])("are read without a row that %s", async (_what, bad) => {
    const table = { partition: () => Promise.resolve([bad, rowOf(FINDING)]) } as unknown as Table;
    expect(await createFindings({ findings: table }).open()).toEqual([FINDING]);
  });
});
