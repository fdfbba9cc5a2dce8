import { ROLES } from "../../local/seed.ts";
import type { Scene } from "../scene.ts";
import type { Activation, RoleKey, World } from "../world.ts";

interface Attempt {
  readonly name: string;
  readonly key: string;
  readonly role: RoleKey;
  readonly ticket: { readonly system: "servicenow" | "jira"; readonly number: string };
  readonly expected: string;
  readonly story: string;
  readonly promise: string;
}

const ATTEMPTS: readonly Attempt[] = [
  {
    name: "unknown",
    key: "ada.byron",
    role: "globalAdministrator",
    ticket: { system: "servicenow", number: "CHG0099999" },
    expected: "TicketNotFound",
    story: "Ada asks through the API and names CHG0099999, a ticket that does not exist.",
    promise: "A ticket that does not exist opens nothing.",
  },
  {
    name: "closed",
    key: "hugo.brandt",
    role: "exchangeAdministrator",
    ticket: { system: "jira", number: "OPS-143" },
    expected: "TicketNotOpen",
    story: "Hugo names OPS-143, his own ticket, done last week.",
    promise: "A closed ticket opens nothing.",
  },
  {
    name: "foreign",
    key: "ada.byron",
    role: "globalAdministrator",
    ticket: { system: "servicenow", number: "CHG0030198" },
    expected: "TicketNotYours",
    story: "Ada names CHG0030198, a good ticket, but Dev's.",
    promise: "A ticket of somebody else opens nothing.",
  },
];

export const badTickets: Scene = {
  id: "bad-tickets",
  title: "4. No ticket, no role",
  intro:
    "Whoever asks through the API has to be signed in and to name a ticket. The ticket is fetched from its own system and believed only if it is open, approved, in its window, and the asker's own.",
  async play(world, story) {
    const mailsBefore = await approverMails(world);
    const grantsBefore = (await world.allGrants()).length;
    for (const attempt of ATTEMPTS) {
      story.step(attempt.story);
      const asked = await world.api(attempt.key, "POST", "/api/activations", bodyOf(attempt));
      await world.stack.settle();
      const { id } = asked.body as Activation;
      const { body } = await world.api(attempt.key, "GET", `/api/activations/${id}`);
      const { status, closing } = body as Activation;
      story.show("Answer", `${status}, ${closing?.reason ?? "no reason"}: ${closing?.sentence ?? ""}`);
      story.promise(attempt.name, attempt.promise, status === "Refused" && closing?.reason === attempt.expected, body);
    }
    const anonymous = await fetch(`${world.stack.addresses.app}/api/activations`, { method: "POST", body: "{}" });
    story.promise("anonymous", "Nobody asks without being signed in.", anonymous.status === 401, anonymous.status);
    const mails = await approverMails(world);
    const grants = (await world.allGrants()).length;
    story.promise(
      "undisturbed",
      "Nothing was granted, and no approver was disturbed with any of it.",
      mails === mailsBefore && grants === grantsBefore,
      { mailsBefore, mails, grantsBefore, grants },
    );
  },
};

const bodyOf = ({ role, ticket }: Attempt): object => ({
  role: ROLES[role][1],
  duration: "PT1H",
  justification: "Needed for the work that the ticket describes",
  ticket,
});

async function approverMails(world: World): Promise<number> {
  const all = await Promise.all(["cora.lindt", "dev.patel"].map((key) => world.mails(key)));
  return all.flat().length;
}
