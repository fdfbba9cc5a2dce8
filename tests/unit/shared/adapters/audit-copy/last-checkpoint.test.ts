import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { lastCheckpoint } from "../../../../../shared/adapters/audit-copy/last-checkpoint.ts";
import type { Checkpoint } from "../../../../../shared/domain/checkpoint.ts";
import { NotarizedTrail } from "../../../../support/notary.ts";

let checkpoints: readonly Checkpoint[];
let record: string;

beforeAll(async () => {
  const trail = new NotarizedTrail();
  for (const subject of ["a", "b", "c"]) {
    await trail.grow(subject);
    await trail.checkpoint();
  }
  checkpoints = trail.checkpoints;
  record = JSON.stringify(trail.records[0]);
});

const find = (lines: readonly string[], pieceBytes: number): Promise<Checkpoint | undefined> => {
  const blob = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return lastCheckpoint(blob.length, async (offset, count) => blob.subarray(offset, offset + count), pieceBytes);
};

describe("lastCheckpoint", () => {
  it("is the last one, wherever the pieces begin and whatever comes after it", async () => {
    const line = fc.oneof(
      fc.nat({ max: 2 }).map((index) => JSON.stringify({ checkpoint: checkpoints[index] })),
      fc.constantFrom("record", "planted").map((kind) => (kind === "record" ? record : '{"checkpoint":{"version":2}}')),
      fc.constant(`{"data":"{\\"checkpoint\\":"}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.integer({ min: 1_200, max: 4_000 }),
        async (lines, piece) => {
          const last = lines.findLast((one) =>
            checkpoints.some((checkpoint) => one === JSON.stringify({ checkpoint })),
          );
          const expected = last === undefined ? undefined : (JSON.parse(last) as { checkpoint: Checkpoint }).checkpoint;
          expect(await find(lines, piece)).toEqual(expected);
        },
      ),
    );
  });

  it("reads no further than it must", async () => {
    const read: number[] = [];
    const blob = Buffer.from(`${`${record}\n`.repeat(50)}${JSON.stringify({ checkpoint: checkpoints[0] })}\n`);
    await lastCheckpoint(
      blob.length,
      async (offset, count) => {
        read.push(count);
        return blob.subarray(offset, offset + count);
      },
      2_000,
    );
    expect(read).toEqual([2_000]);
  });
});
