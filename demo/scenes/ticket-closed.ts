import type { Scene } from "../scene.ts";
import { showGraphRequest } from "../show.ts";
import { decide, stepUp } from "../steps.ts";
import { MINUTE_MS } from "../world.ts";

const ISSUE = "OPS-142";

export const ticketClosed: Scene = {
  id: "ticket-closed",
  title: "2. A Jira ticket is closed early, and the access ends with it",
  intro:
    "Hugo Brandt replaces a mail connector (OPS-142) and needs Exchange Administrator for two hours. He is done after thirty minutes.",
  async play(world, story) {
    story.step("Eva edits the issue, Jira tells Zero Standing, Hugo proves it was him.");
    await world.stack.call("jira", "updateTicket", {
      number: ISSUE,
      fields: { summary: "Replace the mail connector of the branch offices tonight" },
    });
    await world.stack.settle();
    await stepUp(world, story, "hugo.brandt");
    story.step("Dev Patel, directory owner, approves. (Hugo is an owner too, but nobody is asked about himself.)");
    await decide(world, story, "dev.patel", "approve");
    const active = await world.activation("hugo.brandt", ISSUE);

    await world.advance(30 * MINUTE_MS);
    story.step("Half an hour later the issue is set to Done, 90 minutes before the end.");
    await world.stack.call("jira", "updateTicket", { number: ISSUE, fields: { status: "Done" } });
    await world.stack.settle();
    const closedAt = world.now();
    const ended = await world.activation("hugo.brandt", ISSUE);
    const [grant, ...others] = await world.grants("hugo.brandt", "exchangeAdministrator");
    const removal = (await world.roleRequests("hugo.brandt")).find(({ body }) => body.action === "adminRemove");
    if (removal) showGraphRequest(story, removal);
    story.promise(
      "ends-now",
      "Closing the ticket ends the access at once: the assignment is removed, and its absence is read back.",
      active.status === "Active" &&
        others.length === 0 &&
        grant?.ended === "removed" &&
        Date.parse(grant.endedAt ?? "") <= closedAt &&
        ended.status === "Ended" &&
        ended.closing?.reason === "TicketClosed",
      { before: active.status, grant, after: ended.status, closing: ended.closing },
    );
    const told = (await world.mails("hugo.brandt")).at(-1)?.subject;
    story.show("Mail", `to Hugo: ${told ?? "nothing"}`);
    story.promise(
      "told",
      "The person who held the role is told that it ended, and why.",
      told?.includes("Exchange Administrator") === true,
      told,
    );
  },
};
