import { readdirSync, readFileSync } from "node:fs";
import type { OrchestrationHandler } from "durable-functions";
import { describe, expect, it } from "vitest";
import { activationOrchestrator } from "../../orchestrations/activation.ts";
import { ORCHESTRATORS } from "../../orchestrations/catalog.ts";
import { ticketEventOrchestrator } from "../../orchestrations/ticket-event.ts";
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
};
const folder = new URL("../histories/", import.meta.url);
const historyOf = (file: string): History => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as History;
const names = readdirSync(folder).filter((file) => file.endsWith(".json"));

describe("the orchestrators of today", () => {
  it.each(names)("decide in every episode of %s as the ones that ran it", async (file) => {
    const { orchestrator, episodes } = historyOf(file);
    for (const [index, { sent, returned }] of episodes.entries()) {
      const today = await replayed(HANDLERS[orchestrator] as OrchestrationHandler, sent);
      expect(JSON.parse(JSON.stringify(today)), `episode ${index + 1}`).toEqual(returned);
    }
  });

  it("are compared on whole stories, each to its end", () => {
    const ends = names.map((file) => [file, historyOf(file).episodes.at(-1)?.returned]);
    expect(Object.fromEntries(ends)).toMatchObject({
      "activation-granted-and-ended.json": { isDone: true, output: { status: "Ended" } },
      "activation-denied.json": { isDone: true, output: { status: "Denied" } },
      "activation-nobody-decided.json": { isDone: true, output: { status: "Expired" } },
    });
  });
});
