import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryCopy } from "../../../support/memory-copy.ts";
import { NotarizedTrail } from "../../../support/notary.ts";

/** A trail, its copy, and a process that signs and copies. */
function aCopiedTrail() {
  const trail = new NotarizedTrail();
  const copy = new MemoryCopy();
  trail.copy = copy;
  return { trail, copy, run: trail.notary() };
}

describe("copyTrail", () => {
  it("puts under each checkpoint the records that are new since the one before", async () => {
    const { trail, copy, run } = aCopiedTrail();
    await trail.grow("a", "b", "a");
    await run();
    await trail.grow("a", "c");
    await run();
    expect(copy.story).toEqual(["a 1", "a 2", "b 1", "checkpoint 1", "a 3", "c 1", "checkpoint 2"]);
    expect(copy.lines.slice(0, 3)).toEqual(trail.records.slice(0, 2).concat(trail.records[3] ?? []));
  });

  it("writes nothing where nothing is new, in this process and in the next", async () => {
    const { trail, copy, run } = aCopiedTrail();
    await trail.grow("a");
    await run();
    await run();
    await trail.notary()();
    expect(copy.story).toEqual(["a 1", "checkpoint 1"]);
  });

  it("copies what was signed before there was a copy", async () => {
    const { trail, copy, run } = aCopiedTrail();
    const without = trail.notary(trail.key, undefined);
    await trail.grow("a");
    await without();
    await trail.grow("a", "b");
    await without();
    await run();
    expect(copy.story).toEqual(["a 1", "checkpoint 1", "a 2", "b 1", "checkpoint 2"]);
  });

  it("leaves what no checkpoint covers yet to the next one", async () => {
    const { trail, copy, run } = aCopiedTrail();
    await trail.grow("a");
    await trail.notary(trail.key, undefined)();
    await trail.grow("a");
    trail.tables.checkpoints.append = async () => false; // another instance is about to sign
    await run();
    expect(copy.story).toEqual(["a 1", "checkpoint 1"]);
  });

  it("does not stop the checkpoints when the copy is away, fails so that it is seen, and catches up", async () => {
    const { trail, copy, run } = aCopiedTrail();
    copy.room = 0;
    await trail.grow("a");
    await expect(run()).rejects.toThrow("the copy is away");
    await trail.grow("a");
    await expect(run()).rejects.toThrow("the copy is away");
    expect(trail.checkpoints).toHaveLength(2);
    expect(trail.logged.filter((line) => line === "error the audit trail was not copied")).toHaveLength(2);
    copy.room = Infinity;
    await run();
    expect(copy.story).toEqual(["a 1", "checkpoint 1", "a 2", "checkpoint 2"]);
  });

  it("still copies what was signed before when the key is away", async () => {
    const { trail, copy } = aCopiedTrail();
    await trail.grow("a");
    await trail.notary(trail.key, undefined)();
    await trail.grow("a");
    const away = async (): Promise<never> => {
      throw new Error("the vault is away");
    };
    await expect(trail.notary({ publicKey: away, sign: away })()).rejects.toThrow("the vault is away");
    expect(copy.story).toEqual(["a 1", "checkpoint 1"]);
  });

  it("loses no line and keeps them in order, wherever it is interrupted, by property", async () => {
    const growth = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 });
    const round = fc.record({
      growth,
      room: fc.oneof(fc.nat({ max: 4 }), fc.constant(Infinity)),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
        const { trail, copy, run: first } = aCopiedTrail();
        let run = first;
        for (const { growth: subjects, room, restart } of rounds) {
          if (restart) run = trail.notary();
          copy.room = room;
          await trail.grow(...subjects);
          await run().catch(() => undefined);
        }
        copy.room = Infinity;
        await run();
        const firstSeen = [...new Set(copy.story)];
        const whole = new MemoryCopy();
        await trail.notary(trail.key, whole)();
        expect(firstSeen).toEqual(whole.story);
        expect(new Set(copy.text.split("\n"))).toEqual(new Set(whole.text.split("\n")));
      }),
    );
  });

  it("copies a trail that was cut once more, behind what was copied, and says so", async () => {
    const { trail, copy, run } = aCopiedTrail();
    await trail.grow("a", "b");
    await run();
    await trail.grow("a");
    await run();
    trail.tables.checkpointRows.pop();
    trail.tables.chains.get("a")?.pop();
    await trail.notary()();
    expect(trail.logged).toContain("error the checkpoints were cut or made anew since they were copied");
    expect(copy.story).toEqual(["a 1", "b 1", "checkpoint 1", "a 2", "checkpoint 2", "a 1", "b 1", "checkpoint 1"]);
  });

  it("copies a trail that was made anew, although its numbers were copied before", async () => {
    const { trail, copy, run } = aCopiedTrail();
    await trail.grow("a");
    await run();
    trail.tables.checkpointRows.length = 0;
    trail.tables.chains.clear();
    await trail.grow("z");
    await trail.notary()();
    expect(copy.story).toEqual(["a 1", "checkpoint 1", "z 1", "checkpoint 1"]);
  });
});
