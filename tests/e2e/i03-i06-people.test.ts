import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { AppVisitor } from "../../local/testing/app-visitor.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp, type Wish } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { dumpTables, overwriteRow, storedRows } from "../support/stored-rows.ts";

/** Needs somebody of Security and somebody of the owners. */
const DEV_PRIVILEGED: Wish = {
  person: "dev.patel",
  role: "Privileged Role Administrator",
  duration: "PT1H",
  approvers: ["cora.lindt", "hugo.brandt"],
};

describe("I3 to I6: who decides, and what is over", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const minutes = async (count: number): Promise<void> => {
    await stack().clock.advance(count * MINUTE_MS);
  };

  it("I3: the requester cannot approve through another account, whoever's link it is", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    expect(
      (await app().mails("ada.byron@contoso.example")).filter(({ subject }) => subject.includes("asks for")),
    ).toEqual([]);
    const link = await app().linkTo("cora.lindt", ticket);
    for (const account of ["adm2-ada.byron", "adm-ada.byron", "ada.byron"]) {
      const ada = new AppVisitor(`${account}@contoso.example`);
      const seen = await ada.choose(await ada.open(link), "signIn");
      expect(seen.status, account).toBe(403);
      expect(seen.forms.map(({ fields }) => fields["choice"])).not.toContain("approve");
    }
    await stack().settle();
    expect(await app().status(ticket)).toBe("AwaitingApproval");
    await app().decide("cora.lindt", ticket, "deny");
    await stack().settle();
  });

  it("I3: a link that Cora opened is worth nothing when Ada answers Cora's sign-in", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    const link = await app().linkTo("cora.lindt", ticket);
    const cora = app().dailyOf("cora.lindt");
    const page = await cora.choose(await cora.open(link), "signIn");
    const answered = await new AppVisitor("adm2-ada.byron@contoso.example")
      .choose(page, "approve")
      .catch((error: unknown) => error);
    await stack().settle();
    expect(answered).toMatchObject({ status: 403 });
    expect(await app().status(ticket)).toBe("AwaitingApproval");
    const [approval] = (await app().audit((await app().activation(ticket)).id)).filter(
      ({ type }) => type === "DecisionRecorded",
    );
    expect(approval).toBeUndefined();
    await app().decide("cora.lindt", ticket, "deny");
    await stack().settle();
  });

  it("I4: one approver of two is not enough, however often they approve", async () => {
    await minutes(1);
    const ticket = await app().askFor(DEV_PRIVILEGED);
    await app().decide("cora.lindt", ticket);
    await stack().settle();
    const again = await app()
      .decide("cora.lindt", ticket)
      .catch((error: unknown) => error);
    expect(again).toBeInstanceOf(Error);
    await stack().settle();
    expect(await app().status(ticket)).toBe("AwaitingApproval");
    expect(await app().grants(ticket)).toEqual([]);
    await app().decide("hugo.brandt", ticket, "deny");
    await stack().settle();
    expect(await app().status(ticket)).toBe("Denied");
  });

  it("I4: a denial beats the approval that waits beside it, in whatever order they are read", async () => {
    await minutes(90);
    for (let round = 0; round < 4; round++) {
      const ticket = await app().askFor(DEV_PRIVILEGED);
      await app().decide("cora.lindt", ticket);
      await stack().settle();
      await stack().call("host", "loseNext", { kind: "event", times: 2 });
      await app().decide("hugo.brandt", ticket);
      await app().decide("ada.byron", ticket, "deny");
      await minutes(2);
      expect(await app().status(ticket)).toBe("Denied");
      expect(await app().grants(ticket)).toEqual([]);
    }
  });

  it("I4: an approver denies on the page what is approved and waits for its start", async () => {
    await minutes(90);
    const ticket = await app().askFor(ADA_GLOBAL);
    await minutes(12); // the step-up is too old by now for a grant at once
    await app().decide("cora.lindt", ticket);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Ready");
    const dev = app().dailyOf("dev.patel");
    const link = await dev.open(`${stack().addresses.app}/api/a/${(await app().activation(ticket)).id}`);
    const page = await dev.choose(link, "signIn");
    const [, href = ""] = /<a class="button" href="([^"]*)"/.exec(page.text) ?? [];
    await dev.choose(await dev.open(href), "deny", { reason: "not in this window" });
    await stack().settle();
    expect(await app().status(ticket)).toBe("Denied");
    expect(await app().grants(ticket)).toEqual([]);
  });

  it("I5: two tickets for the same role give one live grant, and the loser's end leaves it alone", async () => {
    await minutes(90);
    const tickets = [await app().askFor(HUGO_EXCHANGE), await app().askFor(HUGO_EXCHANGE)];
    for (const ticket of tickets) await app().decide("dev.patel", ticket);
    await stack().settle();
    await minutes(2);
    const statuses = await Promise.all(tickets.map((ticket) => app().status(ticket)));
    expect(statuses.toSorted()).toEqual(["Active", "Failed"]);
    const winner = tickets[statuses.indexOf("Active")] ?? "";
    const loser = tickets[statuses.indexOf("Failed")] ?? "";
    await stack().call("servicenow", "updateTicket", { number: loser, fields: { state: "4" } });
    await minutes(10);
    expect(await app().grants(loser)).toEqual([]);
    expect(await app().grants(winner)).toMatchObject([{ ended: null }]);
    expect(await app().status(winner)).toBe("Active");
  });

  it("I6: nothing that comes late changes what is finished", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    const link = await app().linkTo("dev.patel", ticket);
    const dev = app().dailyOf("dev.patel");
    const open = await dev.choose(await dev.open(link), "signIn");
    await app().decide("cora.lindt", ticket);
    await stack().settle();
    await stack().clock.advance(2 * HOUR_MS + 2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    const before = await dumpTables(stack());
    const { id } = await app().activation(ticket);

    expect((await dev.choose(open, "deny", { reason: "too late" })).status).toBe(403);
    expect((await dev.open(link)).status).toBe(410);
    expect(await app().ring(id)).toBe(410);
    const stop = { kind: "stop", how: "end", person: "ada.byron", account: adminId(1) };
    const at = new Date(stack().clock.now()).toISOString();
    const promise = JSON.stringify({ createdAt: at, dueAt: at, body: stop });
    const place = { partitionKey: id, rowKey: "stop-end-late", kind: "stop", dueAt: at };
    await overwriteRow(stack(), "pending", { ...place, json: promise });
    await stack().call("servicenow", "redeliver", { index: "all" });
    await stack().settle();
    await minutes(3);
    expect(await storedRows(stack(), "pending", id)).toEqual([]);
    const after = await dumpTables(stack());
    expect(after["activations"]).toEqual(before["activations"]);
    expect((after["audit"] ?? []).filter(({ partitionKey }) => partitionKey === id)).toEqual(
      (before["audit"] ?? []).filter(({ partitionKey }) => partitionKey === id),
    );
  });

  itKeptItsPromises(app);
});
