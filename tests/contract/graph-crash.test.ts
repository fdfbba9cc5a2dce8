import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTokenAuthority } from "../../local/entra/tokens.ts";
import { adminId, APPS } from "../../local/seed.ts";
import { instancesOf, order, REQUESTS, values } from "../support/graph-requests.ts";
import { directoryClient, freePort, settingsFor, type DirectoryClient } from "../support/local-directory.ts";

describe("the process of the outside world", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "local-world-"));
  let world: ChildProcess;
  let client: DirectoryClient;
  let start: () => Promise<void>;

  beforeAll(async () => {
    const settings = settingsFor(dataDirectory, await freePort());
    client = directoryClient(settings, tokenOf(settings));
    start = async () => {
      world = fork(new URL("../../local/world.ts", import.meta.url));
      world.send({ start: { settings, clock: { mode: "real", offsetMs: 0 }, options: { parts: ["graph"] } } });
      const [message] = (await once(world, "message")) as [unknown];
      expect(message).toEqual({ ready: true });
    };
    await start();
  });
  afterAll(async () => {
    const gone = once(world, "exit");
    world.disconnect(); // as when the supervisor is gone
    await gone;
    rmSync(dataDirectory, { recursive: true });
  });

  it("keeps a grant that it answered, though it is killed at once", async () => {
    const asked = order({ principalId: adminId(7) });
    const granted = await client.post(REQUESTS, asked, "worker");
    expect(granted.body["status"]).toBe("Provisioned");
    world.kill("SIGKILL");
    await once(world, "exit");
    await start();
    expect(values(await instancesOf(client, asked, "worker"))).toMatchObject([
      { roleAssignmentScheduleId: granted.body["id"] },
    ]);
  });

  it("takes no token of another audience", async () => {
    expect((await client.get("/users", "api")).status).toBe(401);
  });
});

/** Bearer tokens as the identity provider issues them; `api` gets one that is not for Graph. */
function tokenOf(settings: Parameters<typeof createTokenAuthority>[0]): (caller: string) => string {
  const authority = createTokenAuthority(settings);
  return (caller) =>
    authority.sign({
      ...authority.envelope(3_600),
      aud: caller === "api" ? APPS.api.clientId : settings.addresses.graph,
      azp: APPS.worker.clientId,
      oid: APPS.worker.objectId,
      roles: APPS.worker.permissions,
    });
}
