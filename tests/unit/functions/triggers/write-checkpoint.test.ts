import { calculateJwkThumbprint, exportJWK } from "jose";
import { describe, expect, it } from "vitest";
import { writeCheckpoint } from "../../../../functions/triggers/write-checkpoint.timer.ts";
import { ChainEnds } from "../../../../shared/crypto/chain-ends.ts";
import { checkpointProblem } from "../../../../shared/crypto/checkpoint.ts";
import { checkpoint as schema } from "../../../../shared/contracts/checkpoint.ts";
import type { Checkpoint } from "../../../../shared/domain/checkpoint.ts";
import { instant } from "../../../../shared/domain/time.ts";
import { newKey, NotarizedTrail } from "../../../support/notary.ts";

const problemsOf = (checkpoints: readonly Checkpoint[], keyId: string) => {
  const ends = ChainEnds.none();
  const trustedKeyIds = new Set([keyId]);
  return checkpoints.map((one, index) =>
    checkpointProblem(one, { before: checkpoints[index - 1], ends, trustedKeyIds }),
  );
};

describe("writeCheckpoint", () => {
  it("signs the end of every chain, and lists only what is new", async () => {
    const trail = new NotarizedTrail();
    await trail.grow("b", "a", "b");
    await trail.checkpoint();
    await trail.grow("c", "a");
    await trail.checkpoint();
    expect(trail.checkpoints.map(({ sequence, chains, heads }) => [sequence, chains, heads.length])).toEqual([
      [1, 2, 2],
      [2, 3, 2],
    ]);
    expect(problemsOf(trail.checkpoints, trail.keyId)).toEqual([undefined, undefined]);
    expect(trail.checkpoints.map((one) => schema.safeParse(one).error)).toEqual([undefined, undefined]);
  });

  it("names the key by its thumbprint as JOSE has it", async () => {
    const trail = new NotarizedTrail();
    expect(trail.keyId).toBe(await calculateJwkThumbprint(await exportJWK(trail.key)));
  });

  it("writes none where nothing is new, in this process and in the next", async () => {
    const trail = new NotarizedTrail();
    await trail.checkpoint();
    await trail.grow("a");
    await trail.checkpoint();
    await trail.checkpoint();
    await trail.notary()();
    expect(trail.checkpoints).toHaveLength(1);
  });

  it("leaves the place to the instance that was faster, and goes on behind it", async () => {
    const trail = new NotarizedTrail();
    const other = trail.notary();
    await trail.grow("a");
    await Promise.all([trail.checkpoint(), other()]);
    expect(trail.checkpoints).toHaveLength(1);
    await trail.grow("a");
    await Promise.all([trail.checkpoint(), other()]);
    expect(problemsOf(trail.checkpoints, trail.keyId)).toEqual([undefined, undefined]);
  });

  it("spreads very many new chains over several checkpoints", async () => {
    const trail = new NotarizedTrail();
    await trail.grow(...Array.from({ length: 601 }, (_, number) => `chain-${number}`));
    await trail.checkpoint();
    expect(trail.checkpoints.map(({ heads }) => heads.length)).toEqual([300, 300, 1]);
    expect(problemsOf(trail.checkpoints, trail.keyId)).toEqual([undefined, undefined, undefined]);
  });

  it("goes on with another key", async () => {
    const trail = new NotarizedTrail();
    await trail.grow("a");
    await trail.checkpoint();
    await trail.grow("a");
    await trail.notary(newKey())();
    expect(problemsOf(trail.checkpoints, trail.keyId)).toEqual([
      undefined,
      "it is signed with a key that is not trusted",
    ]);
  });

  it.each([
    ["shortened", (trail: NotarizedTrail) => void trail.tables.chains.get("a")?.pop()],
    ["removed", (trail: NotarizedTrail) => void trail.tables.chains.delete("a")],
  ])("says at once that a chain was %s, and does not sign that", async (_how, tamper) => {
    const trail = new NotarizedTrail();
    await trail.grow("a", "a", "b");
    await trail.checkpoint();
    tamper(trail);
    await trail.grow("b");
    await trail.checkpoint();
    expect(trail.logged).toContain("error the audit trail was cut or changed");
    expect(trail.checkpoints.map(({ chains }) => chains)).toEqual([2, 2]);
  });

  it("says once that there is no key and no copy, and reads nothing", async () => {
    const logged: string[] = [];
    const reads = (): never => {
      throw new Error("read");
    };
    const write = writeCheckpoint({
      audit: { heads: reads, chain: reads },
      checkpoints: { append: reads, read: reads },
      signer: undefined,
      copy: undefined,
      clock: { now: () => instant(0) },
      log: (level) => logged.push(level),
    });
    await write();
    await write();
    expect(logged).toEqual(["warn", "warn"]);
  });
});
