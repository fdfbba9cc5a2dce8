import { sendRequest } from "../bus.ts";
import type { Scene } from "../scene.ts";
import { showMessage } from "../show.ts";
import { fileIncident, stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS } from "../world.ts";

const PERSON = "kira.sato";

export const messageRequest: Scene = {
  id: "message-request",
  title: "9. The chat bot asks by message",
  intro:
    "Kira tells the chat bot that she needs Helpdesk Administrator. The bot puts a message into its own queue on Service Bus. It can ask; only Kira can prove that she meant it.",
  async play(world, story) {
    const number = await fileIncident(world, { assignee: PERSON, summary: "Locked accounts in the Lisbon branch" });
    const request = {
      version: 1,
      requestId: "chat-2026-0117",
      person: PERSON,
      role: "Helpdesk Administrator",
      duration: "PT1H",
      justification: "Unlock the accounts of the Lisbon branch",
      ticket: { system: "servicenow", number },
    };
    story.step(`Incident ${number} is Kira's. Nobody but the bot tells Zero Standing about it.`);
    await sendRequest(world, "chatbot", request);
    showMessage(story, "requests-chatbot", request);
    const asked = await world.activation(PERSON, number);
    const before = await world.grants(PERSON, "helpdeskAdministrator");
    story.promise(
      "starts",
      "A message starts an activation, and opens nothing by itself: the person is asked to prove it.",
      asked.status === "AwaitingStepUp" && before.length === 0,
      { asked, before },
    );

    story.step("ServiceNow now tells about the same incident, by webhook.");
    await world.stack.call("servicenow", "updateTicket", { number, fields: { priority: "1" }, by: "tess.ward" });
    await world.stack.settle();
    const all = await world.activationsOf(PERSON, number);
    story.promise(
      "same-claim",
      "A request that comes by two doors is one request.",
      all.length === 1 && all[0]?.id === asked.id,
      all,
    );

    await stepUp(world, story, PERSON);
    const active = await world.activation(PERSON, number);
    story.step("Kira signs in with her phone.");
    await world.advance(HOUR_MS + MINUTE_MS);
    const ended = await world.activation(PERSON, number);
    const [grant, ...others] = await world.grants(PERSON, "helpdeskAdministrator");
    story.step("An hour later.");
    story.promise(
      "same-outcome",
      "What started by message is granted and ends like any other request.",
      active.status === "Active" && ended.status === "Ended" && grant?.ended === "expired" && others.length === 0,
      { active: active.status, ended: ended.status, grant, others },
    );
  },
};
