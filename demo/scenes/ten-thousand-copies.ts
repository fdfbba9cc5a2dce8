import { messagesIn, withBus, type RequestMessage } from "../bus.ts";
import type { Scene } from "../scene.ts";
import { showMessage } from "../show.ts";
import { fileIncident, stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS, type World } from "../world.ts";

const PERSON = "grace.oduya";
const COPIES = 10_000;
const QUEUE = "requests-chatbot";
const DRAINED_WITHIN_MS = 120_000;

export const tenThousandCopies: Scene = {
  id: "ten-thousand-copies",
  title: "10. Ten thousand copies of one message, in any order",
  intro:
    "The chat bot has a bad day: it sends Grace's request ten thousand times. Each copy has a message id of its own, so the broker cannot see that they are the same, and the members of each stand in another order.",
  async play(world, story) {
    const number = await fileIncident(world, { assignee: PERSON, summary: "Locked accounts in the Porto branch" });
    const request = {
      version: 1,
      requestId: "chat-2026-0118",
      person: PERSON,
      role: "Helpdesk Administrator",
      duration: "PT1H",
      justification: "Unlock the accounts of the Porto branch",
      ticket: { system: "servicenow", number },
    };
    const [claimsBefore, instancesBefore] = [await count(world, "claims"), (await world.instances()).length];
    const mailsBefore = (await world.mails(PERSON)).length;
    const startedAt = performance.now();
    await withBus(world, (bus) => bus.send(QUEUE, copiesOf(request)));
    await world.waitFor(
      "the end of the queue",
      async () => ((await messagesIn(world, QUEUE)) === 0 ? true : undefined),
      { everyMs: 50, deadlineMs: DRAINED_WITHIN_MS },
    );
    await world.stack.settle();
    const seconds = (performance.now() - startedAt) / 1_000;
    story.step(`${COPIES} copies are sent and taken, in ${seconds.toFixed(1)} seconds of real time.`);
    showMessage(story, QUEUE, request);
    const seen = {
      claims: (await count(world, "claims")) - claimsBefore,
      instances: (await world.instances()).length - instancesBefore,
      activations: (await world.activationsOf(PERSON, number)).length,
      mails: (await world.mails(PERSON)).length - mailsBefore,
    };
    story.show(
      "Counted",
      Object.entries(seen)
        .map(([what, number]) => `${what}: ${number}`)
        .join(", "),
    );
    story.promise(
      "one-claim",
      "Ten thousand copies make one claim, one orchestration, one mail.",
      Object.values(seen).every((number) => number === 1),
      seen,
    );
    const left = { queue: await messagesIn(world, QUEUE), dead: await messagesIn(world, `${QUEUE}/$deadletterqueue`) };
    story.promise("all-taken", "Every copy was taken: none is left, none is dead.", left.queue + left.dead === 0, left);

    story.step("Grace answers the one mail.");
    await stepUp(world, story, PERSON);
    const active = await world.activation(PERSON, number);
    const requests = (await world.roleRequests(PERSON)).filter(({ body }) => body.action === "adminAssign");
    const grants = await world.grants(PERSON, "helpdeskAdministrator");
    await world.advance(HOUR_MS + MINUTE_MS);
    story.step("An hour later.");
    const ended = await world.activation(PERSON, number);
    story.promise(
      "one-grant",
      "One request to the directory, one grant, one end.",
      active.status === "Active" && requests.length === 1 && grants.length === 1 && ended.status === "Ended",
      { active: active.status, requests, grants, ended: ended.status },
    );
  },
};

/** Shuffled, each with an id and an order of members of its own. */
function copiesOf(request: RequestMessage): { readonly messageId: string; readonly body: Buffer }[] {
  const copies = Array.from({ length: COPIES }, (_, index) => ({
    messageId: `${request.requestId}-${index}`,
    body: Buffer.from(JSON.stringify(Object.fromEntries(shuffled(Object.entries(request))))),
  }));
  return shuffled(copies);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

async function count(world: World, table: "claims"): Promise<number> {
  let rows = 0;
  for await (const row of world.table(table).listEntities()) rows += row.partitionKey === undefined ? 0 : 1;
  return rows;
}
