import { createHash } from "node:crypto";
import { messagesIn, withBus } from "../bus.ts";
import { recordLines, type AuditRecord } from "../audit-chain.ts";
import type { Scene } from "../scene.ts";
import type { Story } from "../story.ts";
import type { World } from "../world.ts";

const QUEUE = "requests-pipeline";

const REQUEST = {
  version: 1,
  requestId: "deploy-7731",
  person: "ada.byron",
  role: "Exchange Administrator",
  duration: "PT1H",
  justification: "Deploy the mail flow rules",
  ticket: { system: "servicenow", number: "CHG0030192" },
};

/** What the pipeline sends, by message id, with what its rejection must say. */
const POISON = [
  {
    id: "deploy-1",
    story: "half a message",
    body: JSON.stringify(REQUEST).slice(0, 60),
    reason: "InvalidMessage",
    says: /JSON/,
  },
  {
    id: "deploy-2",
    story: "one without a person",
    body: JSON.stringify({ ...REQUEST, person: undefined }),
    reason: "InvalidMessage",
    says: /person/,
  },
  {
    id: "deploy-3",
    story: "one that wants Global Administrator",
    body: JSON.stringify({ ...REQUEST, role: "Global Administrator" }),
    reason: "SenderNotAllowed",
    says: /./,
  },
  {
    id: "deploy-4",
    story: "one that says it comes from the on-call tool",
    body: JSON.stringify({ ...REQUEST, sender: "oncall" }),
    reason: "InvalidMessage",
    says: /./,
  },
] as const;

interface Rejected {
  readonly id: string;
  readonly reason: string;
  readonly description: string;
  readonly body: string;
}

export const poisonMessages: Scene = {
  id: "poison-messages",
  title: "11. A poison message is explained",
  intro:
    "The deployment pipeline was changed in a hurry. What it sends now starts nothing, and must neither be lost nor come again and again: whoever looks after the pipeline wants to know what was wrong.",
  async play(world, story) {
    const before = await standing(world);
    const words = POISON.map((one) => one.story);
    story.step(`It sends ${words.slice(0, -1).join(", ")}, and ${words.at(-1) ?? ""}.`);
    const messages = POISON.map(({ id, body }) => ({ messageId: id, body: Buffer.from(body) }));
    await withBus(world, (bus) => bus.send(QUEUE, messages));
    await world.stack.settle();
    const rejected = await rejectedCopies(world);
    for (const one of rejected) showRejected(story, one);
    story.promise(
      "explained",
      "Each is kept byte by byte, with a reason for programs and a sentence for people.",
      POISON.every(({ id, body, reason, says }) => {
        const [copy, ...more] = rejected.filter((one) => one.id === id);
        return more.length === 0 && copy?.body === body && copy.reason === reason && says.test(copy.description);
      }),
      rejected,
    );
    const left = { queue: await messagesIn(world, QUEUE), dead: await messagesIn(world, `${QUEUE}/$deadletterqueue`) };
    const after = await standing(world);
    story.promise(
      "nothing-opened",
      "They open nothing and block nothing: the queue is empty, and its dead letters are left to what crashes.",
      left.queue + left.dead === 0 && JSON.stringify(after) === JSON.stringify(before),
      { left, before, after },
    );
    const recorded = await rejectionsIn(world);
    story.promise(
      "recorded",
      "Each rejection is in the audit trail, under the name of the sender that the queue proves.",
      POISON.every(({ id, reason }) =>
        recorded.some(
          ({ data, sender }) => data["message"] === digest(id) && data["reason"] === reason && sender === "pipeline",
        ),
      ),
      recorded,
    );
  },
};

async function standing(world: World): Promise<{ readonly instances: number; readonly grants: number }> {
  return { instances: (await world.instances()).length, grants: (await world.allGrants()).length };
}

async function rejectedCopies(world: World): Promise<readonly Rejected[]> {
  const copies = await withBus(world, (bus) => bus.rejected());
  return copies.map(({ applicationProperties = {}, body }) => ({
    id: String(applicationProperties["originalId"]),
    reason: String(applicationProperties["reason"]),
    description: String(applicationProperties["description"]),
    body: Buffer.from(body as Uint8Array).toString("utf8"),
  }));
}

function showRejected(story: Story, { id, reason, description, body }: Rejected): void {
  story.show("Rejected", `${id}: ${reason}`, `  ${description}`, `  ${body.slice(0, 72)}…`);
}

async function rejectionsIn(
  world: World,
): Promise<readonly { readonly data: AuditRecord["data"]; readonly sender: unknown }[]> {
  const records = recordLines(await world.exportAudit()).map((line) => JSON.parse(line) as AuditRecord);
  return records
    .filter(({ type }) => type === "MessageRejected")
    .map(({ data, actor }) => ({ data, sender: actor.sender }));
}

/** The trail names a message by the digest of its id: whoever sends chooses ids. */
const digest = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 32);
