import { describe, expect, it } from "vitest";
import { dailyId } from "../../local/seed.ts";
import { plainText, type AppVisitor, type Page } from "../../local/testing/app-visitor.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { dumpTables, jsonOf, overwriteRow, storedRows } from "../support/stored-rows.ts";

/** Members of the identity team. */
const CORA = "cora.lindt";
const DEV = { key: "dev.patel", n: 4 };

describe("freeze, and the way back", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const page = (): string => `${stack().addresses.app}/api/freeze`;
  const minutes = (count: number): Promise<unknown> => stack().clock.advance(count * MINUTE_MS);

  async function freeze(n: number): Promise<Response> {
    const token = (await stack().call("login", "mint", { oid: dailyId(n) })) as string;
    return fetch(page(), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ because: "a stolen workstation" }),
    });
  }

  /** Opens the page as a person, after the sign-in that shows it. */
  async function seenBy(visitor: AppVisitor): Promise<Page> {
    return visitor.choose(await visitor.open(page()), "signIn");
  }

  async function agree(person: string): Promise<Page> {
    const visitor = app().dailyOf(person);
    const done = await visitor.choose(await seenBy(visitor), "resume");
    await stack().settle();
    return done;
  }

  it("is for the identity team only", async () => {
    expect((await freeze(1)).status).toBe(403);
    expect((await seenBy(app().dailyOf("ada.byron"))).status).toBe(404);
    expect(plainText((await seenBy(app().dailyOf(CORA))).text)).toContain("Grants are not frozen");
  });

  it("ends every role that is held, and lets nothing be granted", async () => {
    const held = await app().hold(ADA_GLOBAL);
    expect(await app().status(held)).toBe("Active");
    const waiting = await app().askFor(HUGO_EXCHANGE);
    const answer = await freeze(DEV.n);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ frozen: true, by: DEV.key, page: page() });
    await stack().settle();
    for (const approver of HUGO_EXCHANGE.approvers) await app().decide(approver, waiting);
    await stack().settle();
    expect((await app().activation(waiting)).state).toMatchObject({
      status: "Failed",
      closing: { reason: "Frozen" },
    });
    expect(await app().grants(waiting)).toEqual([]);
    await minutes(6); // the directory refuses a removal in the first five minutes
    expect(await app().status(held)).toBe("Ended");
    expect(await app().grants(held)).toMatchObject([{ ended: "removed" }]);
  });

  it("shows the freeze, and changes nothing by being looked at", async () => {
    const cora = app().dailyOf(CORA);
    await seenBy(cora);
    const before = await dumpTables(stack());
    const text = plainText((await cora.open(page())).text);
    for (const shown of ["All grants are frozen", "Dev Patel", "a stolen workstation", "nobody yet"])
      expect(text).toContain(shown);
    expect(await dumpTables(stack())).toEqual(before);
  });

  it("stays frozen when one person agrees, however often, and whatever is written into the tables", async () => {
    await agree(DEV.key);
    await agree(DEV.key);
    const [row] = (await storedRows(stack(), "controls", "freeze")).filter(({ rowKey }) =>
      rowKey?.startsWith("freeze-"),
    );
    const { id } = jsonOf(row ?? {}) as { readonly id: string };
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const [verdict] = await storedRows(stack(), "controls", `resume-${id}`);
    const { body, mac } = jsonOf(verdict ?? {}) as { readonly body: string; readonly mac: string };
    const forged = JSON.stringify({ body: body.replace(DEV.key, CORA), mac });
    await overwriteRow(stack(), "controls", { partitionKey: `resume-${id}`, rowKey: "resume-forged", json: forged });
    const lift = JSON.stringify({ body, mac });
    await overwriteRow(stack(), "controls", { partitionKey: "freeze", rowKey: `lift-${id}`, json: lift });
    await agree(DEV.key);
    await minutes(2);
    const shown = plainText((await seenBy(app().dailyOf(CORA))).text);
    expect(shown).toContain("All grants are frozen");
    const ticket = await app().openChange(HUGO_EXCHANGE);
    await stack().settle();
    expect((await app().activation(ticket)).state).toMatchObject({ status: "Refused", closing: { reason: "Frozen" } });
  });

  it("goes on when a second person agrees, although the bell is lost", async () => {
    await stack().call("host", "loseNext", { kind: "event", times: 1 });
    expect((await agree(CORA)).status).toBe(200);
    await minutes(2);
    expect(plainText((await seenBy(app().dailyOf(CORA))).text)).toContain("Grants are not frozen");
    const records = await app().audit("controls");
    expect(records.map(({ type }) => type)).toEqual([
      "GrantsFrozen",
      "ResumeAgreed",
      "ResumeAgreed",
      "ResumeAgreed",
      "ResumeAgreed",
      "GrantsResumed",
    ]);
    expect(records.at(-1)?.data["persons"]).toEqual([CORA, DEV.key]);
    const ticket = await app().hold(HUGO_EXCHANGE);
    expect(await app().status(ticket)).toBe("Active");
  });

  itKeptItsPromises(app);
});
