import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditRecord } from "../../../shared/domain/audit-event.ts";
import type { Checkpoint } from "../../../shared/domain/checkpoint.ts";
import { chainOf } from "../../support/audit-file.ts";
import { MemoryCopy } from "../../support/memory-copy.ts";
import { exportOf, newKey, NotarizedTrail, signedBy } from "../../support/notary.ts";
import { emptyFolder, runZs } from "../../support/run-zs.ts";

const trail = new NotarizedTrail();
const copy = new MemoryCopy();
let checkpoints: readonly Checkpoint[];
let records: readonly AuditRecord[];

/** Three chains over two checkpoints, all copied, and a record that is newer. */
beforeAll(async () => {
  trail.copy = copy;
  const run = trail.notary();
  await trail.grow("alpha", "alpha", "beta");
  await run();
  await trail.grow("alpha", "gamma");
  await run();
  await trail.grow("beta");
  ({ checkpoints, records } = trail);
});

/** As an auditor runs it, who trusts the service's key. */
async function verify(
  exported: string,
  copied: string = copy.text,
  more: readonly string[] = [],
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const folder = emptyFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const words = ["audit", "verify", file("audit.jsonl", exported), "--copy", file("copy.jsonl", copied)];
  return runZs([...words, "--key-id", trail.keyId, ...more]);
}

describe("zs audit verify --copy", () => {
  it("is content with an export that has all that was copied, and newer records besides", async () => {
    const { exitCode, stdout } = await verify(exportOf(checkpoints, records));
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "copy with 5 records and 2 checkpoints: all are here as they were copied; 1 record here and not in the copy",
    );
  });

  it("is content with lines that the copy repeats", async () => {
    const { exitCode } = await verify(exportOf(checkpoints, records), `${copy.text}${copy.text}`);
    expect(exitCode).toBe(0);
  });

  it("names what was cut off together with the checkpoints over it, which does not show otherwise", async () => {
    const left = exportOf(
      checkpoints.slice(0, 1),
      records.filter(({ subject, sequence }) => subject !== "gamma" && (subject !== "alpha" || sequence < 3)),
    );
    const alone = await runZs(["audit", "verify", "-", "--key-id", trail.keyId], { input: left });
    expect(alone.exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await verify(left);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("copy: checkpoint 2 is in the copy and missing in the export\n");
    expect(stdout).toContain("copy: record 3 of alpha is in the copy and missing in the export\n");
    expect(stdout).toContain("copy: record 1 of gamma is in the copy and missing in the export\n");
    expect(stderr).toContain("checkpoint 2 is in the copy and missing in the export");
  });

  it("names every record of a chain that was made anew with right hashes", async () => {
    const alpha = records.filter(({ subject }) => subject === "alpha");
    const anew = chainOf(
      "alpha",
      alpha.map(({ type, at, actor, data }) => ({ type, at, actor, data: { ...data, forged: true } })),
    );
    const { exitCode, stdout } = await verify(
      exportOf([], [...anew, ...records.filter(({ subject }) => subject !== "alpha")]),
    );
    expect(exitCode).toBe(1);
    for (const { sequence } of anew)
      expect(stdout).toContain(`copy: record ${sequence} of alpha is another one than in the copy`);
  });

  it("names whatever is left out of the export, by property", async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([0, 1, 2, 3, 4, 5]), fc.subarray([0, 1]), async (kept, keptCheckpoints) => {
        const exported = exportOf(
          keptCheckpoints.flatMap((index) => checkpoints[index] ?? []),
          kept.flatMap((index) => records[index] ?? []),
        );
        const { stdout } = await verify(exported, copy.text, ["--json"]);
        const [{ copy: report }] = JSON.parse(stdout) as [{ copy: { differences: { sentence: string }[] } }];
        const named = report.differences.map(({ sentence }) => sentence).toSorted();
        const lacking = [
          ...[1, 2].filter((number) => !keptCheckpoints.includes(number - 1)).map((number) => `checkpoint ${number}`),
          ...records
            .filter((record, index) => !kept.includes(index) && copy.lines.includes(record))
            .map(({ subject, sequence }) => `record ${sequence} of ${subject}`),
        ];
        expect(named).toEqual(lacking.map((what) => `${what} is in the copy and missing in the export`).toSorted());
      }),
      { numRuns: 40 },
    );
  });

  it("names a record that was copied a second time in another form, whichever of them the export shows", async () => {
    const [first] = records;
    const [other] = chainOf("alpha", [{ ...(first as AuditRecord), data: { forged: true } }].map(eventOf));
    for (const shown of [first, other]) {
      const { exitCode, stdout } = await verify(
        exportOf(checkpoints, [shown as AuditRecord, ...records.slice(1)]),
        `${copy.text}${JSON.stringify(other)}\n`,
      );
      expect(exitCode).toBe(1);
      expect(stdout).toContain("copy: record 1 of alpha was copied again in another form, line 8");
    }
  });

  it("names lines of the copy that prove nothing", async () => {
    const [first] = checkpoints;
    const foreign = JSON.stringify({ checkpoint: await signedBy(newKey(), first as Checkpoint) });
    const changed = JSON.stringify({ ...records[0], type: "RoleEnded" });
    for (const [line, problem] of [
      ["{}", "line 8 of the copy: it is not an audit record"],
      [foreign, "checkpoint 1 in line 8 of the copy: its signature is not that of its key"],
      [changed, "record 1 of alpha does not match its hash in line 8 of the copy"],
    ] as const) {
      const { exitCode, stdout } = await verify(exportOf(checkpoints, records), `${copy.text}${line}\n`);
      expect(exitCode).toBe(1);
      expect(stdout).toContain(problem);
    }
  });

  it("does not take an empty copy for one that agrees", async () => {
    const { exitCode, stderr } = await verify(exportOf(checkpoints, records), "");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("there are no records in the copy");
  });

  it("needs a copy that can be read, and a whole export", async () => {
    const file = join(emptyFolder(), "audit.jsonl");
    writeFileSync(file, exportOf(checkpoints, records));
    const missing = await runZs(["audit", "verify", file, "--copy", "not-there.jsonl"]);
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toContain("not-there.jsonl cannot be read");
    const partial = await runZs(["audit", "verify", file, "--copy", file, "--partial"]);
    expect(partial.exitCode).toBe(2);
    expect(partial.stderr).toContain("--copy needs a whole export");
  });
});

const eventOf = ({ type, at, actor, data }: AuditRecord) => ({ type, at, actor, data });
