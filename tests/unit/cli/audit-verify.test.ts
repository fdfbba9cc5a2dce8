import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "../../../cli/audit/lines.ts";
import { verifyAudit, type AuditReport } from "../../../cli/audit/verify.ts";
import type { AuditRecord } from "../../../shared/domain/audit-event.ts";
import {
  ACTIVATION,
  AN_EXPORT,
  anAuditEvent,
  chainOf,
  fileOf,
  GRANT_ENDS_AT,
  GRANTED_AND_ENDED,
} from "../../support/audit-file.ts";

const AFTER = Date.parse("2026-11-25T00:00:00Z");

const verify = (
  file: Buffer,
  options: { nowMs?: number; partial?: boolean; chunk?: number } = {},
): Promise<AuditReport> =>
  verifyAudit(linesOf(inChunks(file, options.chunk ?? 65_536)), {
    partial: options.partial ?? false,
    nowMs: options.nowMs ?? AFTER,
  });

const inChunks = (file: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(file.length / size) }, (_, n) => file.subarray(n * size, (n + 1) * size)),
  );

const verifyRecords = (records: readonly AuditRecord[]): Promise<AuditReport> => verify(fileOf(records));

const lineOf = (file: Buffer, offset: number): number =>
  file.subarray(0, offset).filter((byte) => byte === 10).length + 1;

const swapped = (records: readonly AuditRecord[], index: number): readonly AuditRecord[] =>
  records.map(
    (record, at) => (at === index ? records[index + 1] : at === index + 1 ? records[index] : record) ?? record,
  );

describe("the verification of an audit export", () => {
  it("passes what the service wrote, and counts it", async () => {
    expect(await verifyRecords(AN_EXPORT)).toMatchObject({
      records: 8,
      chains: 3,
      grants: 1,
      firstBad: null,
      badRecords: 0,
      findings: [],
    });
  });

  it.each([[1], [2], [7], [100]])("reads the file alike in pieces of %s bytes", async (chunk) => {
    expect(await verify(fileOf(AN_EXPORT), { chunk })).toEqual(await verifyRecords(AN_EXPORT));
  });

  it("finds any single changed byte and names its line", async () => {
    const file = fileOf(AN_EXPORT);
    const change = fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([offset, difference]) => {
        const changed = Buffer.from(file);
        changed[offset] = ((file[offset] ?? 0) + difference) % 256;
        expect((await verify(changed)).firstBad?.line).toBe(lineOf(file, offset));
      }),
      { numRuns: 1_500 },
    );
  });

  it("names subject, number and line of a record whose content was changed", async () => {
    const text = fileOf(AN_EXPORT).toString().replace('"durationMs":7200000', '"durationMs":7200001');
    expect((await verify(Buffer.from(text))).firstBad).toEqual({
      line: 1,
      subject: ACTIVATION,
      sequence: 1,
      problem: "its content does not match its hash",
    });
  });

  it.each([
    ["another spelling of a character", (text: string) => text.replace("Zoë", String.raw`Zo\u00eb`)],
    ["white space", (text: string) => text.replace('"sequence":1', '"sequence": 1')],
    ["a name twice", (text: string) => text.replace('"version":1', '"version":1,"version":1')],
    ["another spelling of a number", (text: string) => text.replace('"sequence":1', '"sequence":1e0')],
    ["a byte order mark", (text: string) => `\ufeff${text}`],
    ["an empty line before", (text: string) => `\n${text}`],
  ])("finds %s, although the value is the same", async (_what, change) => {
    expect((await verify(Buffer.from(change(fileOf(AN_EXPORT).toString())))).firstBad).toMatchObject({ line: 1 });
  });

  it("finds half a character, which has no canonical form", async () => {
    const text = fileOf(AN_EXPORT)
      .toString()
      .replace("Zoë", String.raw`Zo\ud83d`);
    expect((await verify(Buffer.from(text))).firstBad).toMatchObject({
      line: 1,
      problem: "its content has no canonical form",
    });
  });

  it.each([
    ["the first record", 0, { line: 1, sequence: 2, problem: "the records before number 2 are missing" }],
    ["a record in the middle", 1, { line: 2, sequence: 3, problem: "number 2 is missing or out of order" }],
  ])("names the gap where %s of a chain is gone", async (_what, index, firstBad) => {
    expect((await verifyRecords(AN_EXPORT.toSpliced(index, 1))).firstBad).toEqual({ subject: ACTIVATION, ...firstBad });
  });

  it("tells a trail that lost the end of a chain by its heads, and by the grant that never ends", async () => {
    const report = await verifyRecords(AN_EXPORT.toSpliced(3, 1));
    expect(report.heads).not.toBe((await verifyRecords(AN_EXPORT)).heads);
    expect(report.findings).toMatchObject([{ kind: "GrantWithoutEnd", subject: ACTIVATION, sequence: 3, line: 3 }]);
  });

  it.each([0, 1, 2])("names the first of two records that changed places: %s", async (index) => {
    const { firstBad } = await verifyRecords(swapped(AN_EXPORT, index));
    expect(firstBad).toMatchObject({ line: index + 1, subject: ACTIVATION, sequence: index + 2 });
  });

  it("names the second of two records with one number", async () => {
    const { firstBad } = await verifyRecords(AN_EXPORT.toSpliced(2, 0, ...AN_EXPORT.slice(1, 2)));
    expect(firstBad).toMatchObject({ line: 3, sequence: 2, problem: "there are two records with number 2" });
  });

  it("finds two different records with one number, though each is whole", async () => {
    const [first, other] = [
      AN_EXPORT.slice(0, 2),
      chainOf(ACTIVATION, GRANTED_AND_ENDED.with(1, anAuditEvent("TicketChanged"))),
    ];
    const { firstBad } = await verifyRecords([...first, ...other.slice(1, 2)]);
    expect(firstBad).toMatchObject({ line: 3, sequence: 2, problem: "there are two records with number 2" });
  });

  it("finds a record of another history with the right number", async () => {
    const other = chainOf(ACTIVATION, GRANTED_AND_ENDED.with(0, anAuditEvent("ActivationRequested", { other: true })));
    const { firstBad } = await verifyRecords([...AN_EXPORT.slice(0, 1), ...other.slice(1)]);
    expect(firstBad).toMatchObject({
      line: 2,
      sequence: 2,
      problem: "it does not follow the record before it (number 1)",
    });
  });

  it("finds whole chains that come twice or out of order", async () => {
    const problem = "its chain comes a second time or out of order";
    const controls = AN_EXPORT.slice(4, 6);
    const twice = await verifyRecords([...AN_EXPORT, ...controls]);
    expect(twice.firstBad).toEqual({ line: 9, subject: "controls", sequence: 1, problem });
    const reordered = await verifyRecords([...controls, ...AN_EXPORT.slice(0, 4)]);
    expect(reordered.firstBad).toEqual({ line: 3, subject: ACTIVATION, sequence: 1, problem });
  });

  it("knows the order in which the storage keeps subjects with other characters", async () => {
    const chains = ["ab", "a_5fb", "a.b"].map((subject) => chainOf(subject, [anAuditEvent("FindingReported")]));
    expect(
      (await verifyRecords([...(chains[2] ?? []), ...(chains[1] ?? []), ...(chains[0] ?? [])])).firstBad,
    ).toBeNull();
  });

  it("goes on after a bad record, so that the totals hold and one fault counts once", async () => {
    const text = fileOf(AN_EXPORT).toString().split("\n").with(1, "{").join("\n");
    expect(await verify(Buffer.from(text))).toMatchObject({
      records: 8,
      chains: 3,
      badRecords: 1,
      firstBad: { line: 2 },
    });
  });

  it("does not pass an empty file for a trail", async () => {
    expect((await verify(Buffer.alloc(0))).firstBad).toMatchObject({ problem: "there are no records" });
  });

  it("refuses a line longer than any record without keeping it", async () => {
    const file = Buffer.concat([Buffer.alloc(3_000_000, "a"), Buffer.from("\n"), fileOf(AN_EXPORT)]);
    expect(await verify(file)).toMatchObject({
      records: 9,
      badRecords: 1,
      firstBad: { line: 1, problem: "the line is longer than any record" },
    });
  });
});

describe("the verification of an export of a time range", () => {
  const tail = [...AN_EXPORT.slice(2, 4), ...AN_EXPORT.slice(5, 6)];

  it("takes chains that begin in the middle, and follows no grants", async () => {
    expect(await verify(fileOf(tail), { partial: true })).toMatchObject({ chains: 2, firstBad: null, findings: [] });
  });

  it("still finds a gap inside a chain", async () => {
    const file = fileOf([...AN_EXPORT.slice(0, 1), ...AN_EXPORT.slice(2, 4)]);
    expect((await verify(file, { partial: true })).firstBad).toMatchObject({ line: 2, sequence: 3 });
  });
});

describe("grants in the audit trail", () => {
  const endsAtMs = Date.parse(GRANT_ENDS_AT);
  const unended = chainOf(ACTIVATION, GRANTED_AND_ENDED.slice(0, 3));

  it("may be without an end while their time runs", async () => {
    expect((await verify(fileOf(unended), { nowMs: endsAtMs })).findings).toEqual([]);
  });

  it("need the record of their end afterwards", async () => {
    expect((await verify(fileOf(unended), { nowMs: endsAtMs + 3_600_000 })).findings).toMatchObject([
      { kind: "GrantWithoutEnd", line: 3 },
    ]);
  });

  it("are measured by the newest record where that is ahead of this machine's clock", async () => {
    const later = { ...anAuditEvent("GrantsFrozen"), at: "2026-11-24T12:00:00.000Z" };
    const file = fileOf([...unended, ...chainOf("controls", [later])]);
    expect((await verify(file, { nowMs: 0 })).findings).toMatchObject([{ kind: "GrantWithoutEnd" }]);
  });

  it("need an intent of the same attempt before them", async () => {
    const events = [GRANTED_AND_ENDED[0], GRANTED_AND_ENDED[2], GRANTED_AND_ENDED[1], GRANTED_AND_ENDED[3]];
    const late = chainOf(
      ACTIVATION,
      events.flatMap((event) => event ?? []),
    );
    expect((await verifyRecords(late)).findings).toMatchObject([{ kind: "GrantWithoutIntent", sequence: 2, line: 2 }]);
    const otherAttempt = GRANTED_AND_ENDED.with(1, anAuditEvent("GrantIntended", { attempt: 2 }));
    expect((await verifyRecords(chainOf(ACTIVATION, otherAttempt))).findings).toMatchObject([
      { kind: "GrantWithoutIntent", sequence: 3 },
    ]);
  });

  it("cannot borrow the intent of another activation", async () => {
    const records = [
      ...chainOf(ACTIVATION, [GRANTED_AND_ENDED[1] ?? anAuditEvent("GrantIntended")]),
      ...chainOf(ACTIVATION.replace("0", "1"), GRANTED_AND_ENDED.slice(2)),
    ];
    expect((await verifyRecords(records)).findings).toMatchObject([{ kind: "GrantWithoutIntent", line: 2 }]);
  });
});
