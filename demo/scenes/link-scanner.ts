import type { Scene } from "../scene.ts";
import type { Story } from "../story.ts";
import { fileChange, stepUp } from "../steps.ts";
import type { World } from "../world.ts";

const VISITS = 10;

export const linkScanner: Scene = {
  id: "link-scanner",
  title: "7. A mail scanner opens every link",
  intro:
    "Mail filters and chat previews open links before people do, often more than once. A link that decides when it is opened would let them approve.",
  async play(world, story) {
    const number = await fileChange(world, {
      assignee: "ada.byron",
      role: "exchangeAdministrator",
      duration: "PT1H",
      summary: "Rename the room mailboxes",
    });
    const stepUpLink = await world.newestLink("ada.byron");
    story.step(`Change ${number}: the scanner opens the link in Ada's mail ${2 * VISITS} times.`);
    await scan(world, story, number, { name: "step-up", url: stepUpLink.url, status: "AwaitingStepUp" });
    story.step("Ada opens it after the scanner: it still works for her.");
    await stepUp(world, story, "ada.byron");
    const { url } = await world.newestLink("dev.patel");
    story.step(`The scanner opens the link in Dev's mail ${2 * VISITS} times.`);
    await scan(world, story, number, { name: "decision", url, status: "AwaitingApproval" });

    story.step("Ada does not need it any more and withdraws the request through the API.");
    const { id } = await world.activation("ada.byron", number);
    await world.api("ada.byron", "POST", `/api/activations/${id}/end`);
    await world.stack.settle();
    const { status } = await world.activation("ada.byron", number);
    const grants = await world.grants("ada.byron", "exchangeAdministrator");
    story.promise(
      "withdrawn",
      "A request can be withdrawn at any time before the grant; nothing was granted.",
      status === "Cancelled" && grants.length === 0,
      { status, grants },
    );
  },
};

interface Target {
  readonly name: string;
  readonly url: string;
  /** Where the activation stands before and has to stand after. */
  readonly status: string;
}

async function scan(world: World, story: Story, number: string, { name, url, status }: Target): Promise<void> {
  story.show("Link", url);
  const mailsBefore = await mailCount(world);
  await world.stack.call("storage", "clearRequests");
  const visits = Array.from({ length: VISITS }, () => ["GET", "HEAD"]).flat();
  const answers = await Promise.all(visits.map(async (method) => (await fetch(url, { method })).status));
  await world.stack.settle();
  const { byOperation } = (await world.stack.call("storage", "requests")) as {
    readonly byOperation: Readonly<Record<string, number>>;
  };
  const writes = Object.entries(byOperation).filter(([operation]) => !/^(Get|Query)/.test(operation));
  story.show(
    "Storage",
    Object.entries(byOperation)
      .map(([operation, count]) => `${count} × ${operation}`)
      .join(", "),
  );
  const mails = (await mailCount(world)) - mailsBefore;
  const after = await world.activation("ada.byron", number);
  story.promise(
    name,
    `${visits.length} visits with GET and HEAD change nothing: no row is written, no mail sent, nothing decided.`,
    answers.every((answer) => answer === 200) && writes.length === 0 && mails === 0 && after.status === status,
    { answers, writes, mails, status: after.status },
  );
}

const mailCount = async (world: World): Promise<number> =>
  ((await world.stack.call("mailbox", "messages", {})) as readonly unknown[]).length;
