import { readdirSync, readFileSync } from "node:fs";
import type { OrchestrationContext, OrchestrationHandler, Task } from "durable-functions";
import { describe, expect, it } from "vitest";
import { activationOrchestrator } from "../../orchestrations/activation.ts";
import { campaignOrchestrator } from "../../orchestrations/campaign.ts";
import { ORCHESTRATORS } from "../../orchestrations/catalog.ts";
import { changeOrchestrator } from "../../orchestrations/change.ts";
import { durableLoop } from "../../orchestrations/loop.ts";
import { ticketEventOrchestrator } from "../../orchestrations/ticket-event.ts";
import { nextChangeStep } from "../../shared/domain/next-change-step.ts";
import { nextStep } from "../../shared/domain/next-step.ts";
import { replayed } from "../support/loop-run.ts";

interface Returned {
  readonly isDone: boolean;
  readonly output?: unknown;
}

/** Every call of one instance's orchestrator in a real run, and what it answered. See tests/histories/README.md. */
interface History {
  readonly orchestrator: string;
  readonly episodes: readonly { readonly sent: unknown; readonly returned: Returned }[];
}

const HANDLERS: Readonly<Record<string, unknown>> = {
  [ORCHESTRATORS.activation]: activationOrchestrator,
  [ORCHESTRATORS.ticketEvent]: ticketEventOrchestrator,
  [ORCHESTRATORS.change]: changeOrchestrator,
  [ORCHESTRATORS.campaign]: campaignOrchestrator,
};

/** The same stories told in another order: what no deploy may do under a name that is in use. */
const REORDERED: Readonly<Record<string, unknown>> = {
  [ORCHESTRATORS.activation]: durableLoop({ read: "recordAsks", onBell: "readFacts", nextStep }),
  [ORCHESTRATORS.change]: durableLoop({ read: "readChange", onBell: "readChange", nextStep: nextChangeStep }),
  [ORCHESTRATORS.campaign]: function* (context: OrchestrationContext): Generator<Task, unknown, unknown> {
    const { id } = context.df.getInput<{ readonly id: string }>();
    yield context.df.callActivity("readCampaign", { id, key: "readCampaign" });
    return yield context.df.callActivity("closeCampaign", { id, key: "closeCampaign" });
  },
};
const folder = new URL("../histories/", import.meta.url);
const historyOf = (file: string): History => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as History;
const names = readdirSync(folder).filter((file) => file.endsWith(".json"));

/** What the handlers answer to every call of a recorded instance. */
async function decisions(handlers: Readonly<Record<string, unknown>>, file: string): Promise<readonly unknown[]> {
  const { orchestrator, episodes } = historyOf(file);
  const handler = handlers[orchestrator] as OrchestrationHandler;
  const answers = await Promise.all(
    episodes.map(({ sent }) => replayed(handler, sent).catch((error: unknown) => ({ failed: String(error) }))),
  );
  return answers.map((answer) => JSON.parse(JSON.stringify(answer)) as unknown);
}

const recorded = (file: string): readonly unknown[] => historyOf(file).episodes.map(({ returned }) => returned);

describe("the orchestrators of today", () => {
  it.each(names)("decide in every episode of %s as the ones that ran it", async (file) => {
    expect(await decisions(HANDLERS, file)).toEqual(recorded(file));
  });

  it.each(names.filter((file) => historyOf(file).orchestrator in REORDERED && !file.endsWith("-refused.json")))(
    "would be caught by %s if their order were another",
    async (file) => {
      expect(await decisions(REORDERED, file)).not.toEqual(recorded(file));
    },
  );

  it("are compared on whole stories, each to its end", () => {
    const ends = names.map((file) => [file, historyOf(file).episodes.at(-1)?.returned]);
    expect(Object.fromEntries(ends)).toMatchObject({
      "activation-granted-and-ended.json": { isDone: true, output: { status: "Ended" } },
      "activation-denied.json": { isDone: true, output: { status: "Denied" } },
      "activation-nobody-decided.json": { isDone: true, output: { status: "Expired" } },
      "change-second-person-agreed.json": { isDone: true, output: { status: "Done" } },
      "change-item-by-item.json": { isDone: true, output: { status: "Done" } },
      "change-refused.json": { isDone: true, output: { status: "Refused" } },
      "change-review-to-its-deadline.json": { isDone: true, output: { status: "Done" } },
      "campaign.json": { isDone: true, output: { closed: true } },
    });
  });
});
