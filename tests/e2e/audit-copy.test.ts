import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkpointKeyId, copiedTrail, teamGets, verifyTexts } from "../support/audit-files.ts";
import { ADA_GLOBAL, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { deleteRow, storedRows } from "../support/stored-rows.ts";

/** Nobody listens there. */
const NOWHERE = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a;";

describe("the copy of the audit trail", () => {
  const stack = useStack({ split: false, settings: { AUDIT_COPY_CONNECTION: NOWHERE } });
  const app = (): RunningApp => new RunningApp(stack());
  const errors = (): readonly string[] =>
    readFileSync(join(stack().dataDirectory, "host.log"), "utf8")
      .split("\n")
      .filter((line) => line.includes('\\"level\\":\\"error\\"'));

  async function restartWith(settings: Readonly<Record<string, string>>): Promise<void> {
    await stack().stopProcess("host");
    stack().configure(settings);
    await stack().start("host");
  }

  it("stops neither a grant nor its end nor a checkpoint while it is away, and is caught up", async () => {
    const ticket = await app().hold(HUGO_EXCHANGE);
    expect(await app().status(ticket)).toBe("Active");
    await stack().clock.advance(70 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    const signed = await storedRows(stack(), "checkpoints");
    expect(signed.length).toBeGreaterThan(1);
    expect(errors().some((line) => line.includes("the audit trail was not copied"))).toBe(true);

    await restartWith({ AUDIT_COPY_CONNECTION: stack().addresses.storage });
    await stack().clock.advance(10 * MINUTE_MS);
    const [trail, copy] = [await teamGets(stack(), "/api/audit"), await copiedTrail(stack())];
    const { id } = await app().activation(ticket);
    for (const { hash } of await app().audit(id)) expect(copy).toContain(hash);
    expect(copy.match(/^\{"checkpoint":/gm)?.length).toBe((await storedRows(stack(), "checkpoints")).length);
    expect(await verifyTexts({ trail, copy }, [(await checkpointKeyId(stack())) ?? ""])).toMatchObject({ exitCode: 0 });
  });

  it("names what an insider removed together with every checkpoint over it", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    await app().decide("cora.lindt", ticket, "deny");
    await stack().settle();
    const { id } = await app().activation(ticket);
    const before = await storedRows(stack(), "checkpoints");
    await stack().clock.advance(10 * MINUTE_MS);
    const denied = await app().audit(id);
    expect(denied.map(({ type }) => type)).toContain("DecisionRecorded");

    await stack().stopProcess("host");
    for (const { sequence } of denied) await deleteRow(stack(), "audit", id, sequence.toString().padStart(10, "0"));
    const newer = (await storedRows(stack(), "checkpoints")).slice(before.length);
    for (const { partitionKey = "", rowKey = "" } of newer)
      await deleteRow(stack(), "checkpoints", partitionKey, rowKey);
    await stack().start("host");
    await stack().clock.advance(10 * MINUTE_MS);

    const keyIds = [(await checkpointKeyId(stack())) ?? ""];
    const [trail, copy] = [await teamGets(stack(), "/api/audit"), await copiedTrail(stack())];
    expect(await verifyTexts({ trail }, keyIds)).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await verifyTexts({ trail, copy }, keyIds);
    expect(exitCode).toBe(1);
    for (const { sequence } of denied)
      expect(stdout).toContain(`copy: record ${sequence} of ${id} is in the copy and missing in the export`);
    expect(errors().some((line) => line.includes("cut or made anew since they were copied"))).toBe(true);
  });
});
