import { describe, expect, it } from "vitest";
import { adminId } from "../../local/seed.ts";
import { endState, wholeStory, type EndState } from "../support/killed-flow.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const HUGO = 8;

describe("lost events and a killed host", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  it("the undisturbed story ends like this", async () => {
    expect(await wholeStory(app(), HUGO_EXCHANGE)).toEqual({
      status: "Ended",
      records: ["ActivationRequested", "DecisionRecorded", "GrantIntended", "RoleEnded", "RoleGranted", "StepUpProven"],
      grants: ["expired"],
      notes: [
        expect.stringContaining("Access active from <time> to <time>"),
        expect.stringContaining("Access approved by Dev Patel"),
        expect.stringContaining("Access ended at <time>"),
        expect.stringContaining("Access requested"),
      ] as unknown[],
    });
  });

  const close = (ticket: string) => () =>
    stack().call("servicenow", "updateTicket", { number: ticket, fields: { state: "4" } });
  const end = (ticket: string) => async () => {
    const token = (await stack().call("login", "mint", { oid: adminId(HUGO) })) as string;
    const { id } = await app().activation(ticket);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${stack().addresses.app}/api/activations/${id}/end`, { method: "POST", headers });
    expect(answer.status).toBe(202);
  };

  /** A story that ends early. The event of the step that starts in `lost` gets lost so many times. */
  async function earlyEnd(
    stop: (ticket: string) => () => Promise<unknown>,
    lost?: string,
    times = 1,
  ): Promise<EndState> {
    const ticket = await app().openChange(HUGO_EXCHANGE);
    await stack().settle();
    const steps: readonly [string, () => Promise<unknown>][] = [
      ["AwaitingStepUp", () => app().confirm(HUGO_EXCHANGE, ticket)],
      ["AwaitingApproval", () => app().decide("dev.patel", ticket)],
      ["Active", stop(ticket)],
    ];
    for (const [from, step] of steps) {
      if (from === lost) await stack().call("host", "loseNext", { kind: "event", times });
      await step();
      await stack().settle();
      if (from === lost) {
        for (let minute = 0; minute < times; minute++) {
          expect(await app().status(ticket)).toBe(from);
          await stack().clock.advance(MINUTE_MS + 1_000);
        }
      }
      expect(await app().status(ticket)).not.toBe(from);
    }
    await stack().clock.advance(7 * MINUTE_MS);
    return endState(app(), ticket);
  }

  it.each([
    ["its step-up", close, "AwaitingStepUp", 1],
    ["its decision", close, "AwaitingApproval", 1],
    ["its decision, twice", close, "AwaitingApproval", 2],
    ["the end of its ticket", close, "Active", 1],
    ["the end that a person asks for", end, "Active", 1],
    ["the end that a person asks for, twice", end, "Active", 2],
  ])("whose event of %s is lost, the story ends the same a minute later", async (_name, stop, lost, times) => {
    const undisturbed = await earlyEnd(stop);
    expect(undisturbed).toMatchObject({ status: "Ended", grants: ["removed"] });
    expect(await earlyEnd(stop, lost, times)).toEqual(undisturbed);
  });

  it.each([
    ["terminated", ["POST", "/terminate"]],
    ["purged", ["DELETE", ""]],
  ])(
    "whose orchestration is %s while the role is held, the access ends all the same",
    async (_name, [method = "", verb = ""]) => {
      const ticket = await app().hold(HUGO_EXCHANGE);
      const { id } = await app().activation(ticket);
      if (verb === "") await app().hub("POST", `instances/activation-${id}/terminate`);
      await stack().settle();
      expect([200, 202]).toContain(await app().hub(method, `instances/activation-${id}${verb}`));
      await stack().clock.advance(66 * MINUTE_MS);
      expect(await app().grants(ticket)).toMatchObject([{ ended: "expired" }]);
      expect(await app().status(ticket)).toBe("Ended");
    },
  );

  it.each([2, 4, 6])("killed at audit record %i, the story ends the same", async (at) => {
    const undisturbed = await wholeStory(app(), HUGO_EXCHANGE);
    expect(await wholeStory(app(), HUGO_EXCHANGE, { at, delayMs: 0 })).toEqual(undisturbed);
  });

  itKeptItsPromises(app);
});
