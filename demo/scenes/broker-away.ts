import { sendRequest, withBus, type ActivationEvent } from "../bus.ts";
import type { Scene } from "../scene.ts";
import { showEvents } from "../show.ts";
import { decide, fileChange, stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS } from "../world.ts";

const PERSON = "hugo.brandt";
const SUBSCRIPTIONS = ["siem", "chat"] as const;

export const brokerAway: Scene = {
  id: "broker-away",
  title: "12. Service Bus is away for more than an hour",
  intro:
    "What happens is told on a topic, for the SIEM and a chat channel. Hugo's request comes by message from the on-call tool; then the broker is killed, and stays away until everything is over.",
  async play(world, story) {
    const number = await fileChange(
      world,
      {
        assignee: PERSON,
        role: "exchangeAdministrator",
        duration: "PT1H",
        summary: "Drain the mail queue of the old gateway",
      },
      { webhook: false },
    );
    await sendRequest(world, "oncall", {
      version: 1,
      requestId: "page-40917",
      person: PERSON,
      role: "Exchange Administrator",
      duration: "PT1H",
      justification: "Drain the mail queue of the old gateway",
      ticket: { system: "servicenow", number },
    });
    story.step(`The on-call tool asks for Hugo, with change ${number}. Then the broker is killed (SIGKILL).`);
    await world.stack.kill("broker");
    await stepUp(world, story, PERSON);
    await decide(world, story, "dev.patel", "approve");
    const active = await world.activation(PERSON, number);
    await world.advance(HOUR_MS + MINUTE_MS);
    story.step("Hugo steps up, Dev approves, an hour passes. The broker is still away.");
    const ended = await world.activation(PERSON, number);
    const grants = await world.grants(PERSON, "exchangeAdministrator");
    const grant = grants.find(({ ticketNumber }) => ticketNumber === number);
    story.promise(
      "in-nobodys-way",
      "The grant and its end wait for no event.",
      active.status === "Active" &&
        ended.status === "Ended" &&
        grant?.endedAt != null &&
        Date.parse(grant.endedAt) <= Date.parse(grant.endsAt ?? ""),
      { active: active.status, ended: ended.status, grant },
    );

    await world.stack.start("broker");
    await world.advance(10 * MINUTE_MS);
    story.step("The broker is started again; ten minutes later the subscribers look.");
    const records = await world.auditOf(ended.id);
    const received = await withBus(world, async (bus) => {
      const all: Record<string, readonly ActivationEvent[]> = {};
      for (const name of SUBSCRIPTIONS) all[name] = await bus.events(name, ended.id, records.length);
      return all;
    });
    showEvents(story, received["siem"] ?? []);
    const told = (events: readonly ActivationEvent[] = []): string => events.map(({ data }) => data.hash).join();
    const recorded = records.map(({ hash }) => hash).join();
    const everyone = SUBSCRIPTIONS.map((name) => received[name] ?? []);
    story.promise(
      "all-arrive",
      "Every event arrives at every subscriber: one for each audit record, with its hash, in its order.",
      records.length > 0 && everyone.every((events) => told(events) === recorded),
      { recorded: records.map(({ sequence, type, hash }) => ({ sequence, type, hash })), received },
    );
    story.promise(
      "once",
      "None arrives twice.",
      everyone.every((events) => new Set(events.map(({ id }) => id)).size === events.length),
      received,
    );
    const waiting = await world.announcements();
    story.promise("none-waits", "Nothing is left to be told.", waiting === 0, waiting);
  },
};
