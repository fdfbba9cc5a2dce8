import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import type { Front } from "../../../../functions/front/front.ts";
import { exportAudit } from "../../../../functions/triggers/export-audit.http.ts";
import { showAuditKeys } from "../../../../functions/triggers/show-audit-keys.http.ts";
import { createPemSigner } from "../../../../shared/adapters/keys/pem-signer.ts";
import { checkpointKeys } from "../../../../shared/contracts/checkpoint.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { DEV, MemoryWorld, TEAM } from "../../../support/memory-world.ts";
import { exportOf, NotarizedTrail } from "../../../support/notary.ts";

const trail = new NotarizedTrail();

/** The door as the identity team's Dev finds it. */
function aDoor(): Front {
  const world = new MemoryWorld();
  world.directory.groups.set(TEAM, {
    id: TEAM,
    assignableToRole: true,
    dynamic: false,
    nested: false,
    owned: false,
    members: [DEV.dailyAccount],
  });
  return {
    ...new MemoryFront(world).front,
    audit: trail.tables.audit,
    checkpoints: trail.tables.checkpoints,
    callers: { verify: async () => ({ caller: { account: DEV.dailyAccount, tenantId: "t", clientId: "cli" } }) },
  };
}

async function exported(door: Front, query = ""): Promise<string> {
  const request = new HttpRequest({ method: "GET", url: `https://app.example/api/audit${query}` });
  const { body } = await exportAudit(door)(request, new InvocationContext());
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("exportAudit", () => {
  it("writes the checkpoints, then the records", async () => {
    await trail.grow("a", "b");
    await trail.checkpoint();
    expect(await exported(aDoor())).toBe(exportOf(trail.checkpoints, trail.records));
  });

  it("names no record that the file does not have, although a checkpoint is written meanwhile", async () => {
    const door = aDoor();
    const audit = {
      ...door.audit,
      read: async function* (range: object) {
        yield* door.audit.read(range);
        await trail.grow("a");
        await trail.checkpoint();
      },
    };
    const checkpoints = trail.checkpoints.length;
    const lines = (await exported({ ...door, audit })).split("\n");
    expect(trail.checkpoints).toHaveLength(checkpoints + 1);
    expect(lines.filter((line) => line.startsWith('{"checkpoint"'))).toHaveLength(checkpoints);
  });

  it("writes no checkpoints where a range of time was asked for: they would name what is left out", async () => {
    expect(await exported(aDoor(), "?from=2026-11-24T00:00:00Z")).toBe(exportOf([], trail.records));
  });
});

describe("showAuditKeys", () => {
  const keysOf = async (signer: Front["signer"]): Promise<unknown> => {
    const request = new HttpRequest({ method: "GET", url: "https://app.example/api/audit/keys" });
    return JSON.parse((await showAuditKeys({ signer })(request, new InvocationContext())).body as string);
  };

  it("publishes the public half of the key, by its thumbprint, and nothing of the private one", async () => {
    const answer = await keysOf(createPemSigner(trail.key));
    expect(checkpointKeys.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({ keys: [{ kid: trail.keyId, kty: "EC", crv: "P-256" }] });
    expect(JSON.stringify(answer)).not.toContain('"d"');
  });

  it("answers an empty set where no checkpoints are signed", async () => {
    expect(await keysOf(undefined)).toEqual({ keys: [] });
  });
});
