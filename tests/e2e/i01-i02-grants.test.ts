import { describe, expect, it } from "vitest";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, storedRows } from "../support/stored-rows.ts";

interface PostedRequest {
  readonly action: string;
  readonly justification: string;
  readonly scheduleInfo?: { readonly expiration: { readonly type: string; readonly duration: string } };
}

const postedIn = async (app: RunningApp): Promise<readonly PostedRequest[]> =>
  (await app.exchanges())
    .filter(({ method, path }) => method === "POST" && path.includes("roleAssignmentScheduleRequests"))
    .map(({ requestBody }) => JSON.parse(requestBody) as PostedRequest)
    .filter(({ action }) => action === "adminAssign");

describe("I1 and I2: grants", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  it("I1: asks the directory only with the id and the intent hash of an activation that intends it", async () => {
    const ticket = await app().hold(HUGO_EXCHANGE);
    const { id } = await app().activation(ticket);
    const intent = (await app().audit(id)).find(({ type }) => type === "GrantIntended");
    const posted = (await postedIn(app())).filter(({ justification }) => justification.includes(id));
    expect(posted).toHaveLength(1);
    expect(posted[0]?.justification).toContain(`ZS ${id} ${intent?.hash ?? "no intent"} `);
  });

  it("I1: asks once, on one intent, when the directory's answer is lost", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    const before = (await postedIn(app())).length;
    await stack().call("graph", "faults", { method: "POST", body: "adminAssign", fault: { kind: "lostReply" } });
    await app().decide("cora.lindt", ticket);
    await stack().settle();
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Active");
    expect((await postedIn(app())).length - before).toBe(1);
    const { id } = await app().activation(ticket);
    const intents = (await storedRows(stack(), "activations", id)).filter(({ rowKey }) =>
      rowKey?.startsWith("intent-"),
    );
    expect(intents.map((row) => JSON.parse((jsonOf(row) as { body: string }).body) as unknown)).toEqual([
      expect.objectContaining({ activationId: id }),
    ]);
  });

  it("I2: never asks for more than the maximum of the role, and always for an end", async () => {
    const tooLong = await app().openChange({ ...ADA_GLOBAL, duration: "PT3H" });
    await stack().settle();
    expect(await app().activations(tooLong)).toMatchObject([{ state: { status: "Refused" } }]);
    const expirations = (await postedIn(app())).map(({ scheduleInfo }) => scheduleInfo?.expiration);
    expect(new Set(expirations.map((one) => JSON.stringify(one)))).toEqual(
      new Set([
        JSON.stringify({ type: "afterDuration", duration: "PT1H" }),
        JSON.stringify({ type: "afterDuration", duration: "PT2H" }),
      ]),
    );
  });

  it("I2: the directory ends the access when the app is gone for good", async () => {
    await stack().kill("host");
    await stack().clock.advance(2 * HOUR_MS + MINUTE_MS);
    const grants = await app().grants();
    expect(grants).toHaveLength(2);
    expect(grants.map(({ ended }) => ended)).toEqual(["expired", "expired"]);
    await stack().start("host");
    await stack().clock.advance(2 * MINUTE_MS);
    expect((await app().activations()).map(({ state }) => state.status).toSorted()).toEqual([
      "Ended",
      "Ended",
      "Refused",
    ]);
  });

  itKeptItsPromises(app);
});
