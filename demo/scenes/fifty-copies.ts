import type { Scene } from "../scene.ts";
import { stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS } from "../world.ts";

const TICKET = "INC0010045";
const COPIES = 50;

export const fiftyCopies: Scene = {
  id: "fifty-copies",
  title: "5. Fifty copies of one webhook, one grant",
  intro:
    "Networks repeat themselves. Ben Okafor works on the incident INC0010045; the policy lets such an incident open Helpdesk Administrator with MFA alone. ServiceNow's message about it arrives fifty times, all at once.",
  async play(world, story) {
    const mailsBefore = (await world.mails("ben.okafor")).length;
    await world.stack.call("servicenow", "updateTicket", {
      number: TICKET,
      fields: { priority: "1" },
      by: "tess.ward",
    });
    const copies = { index: -1, times: COPIES - 1, verbatim: true };
    await world.stack.call("servicenow", "redeliver", copies);
    await world.stack.settle();
    const deliveries = (await world.stack.call("servicenow", "deliveries")) as readonly Delivery[];
    const answers = deliveries.at(-1)?.attempts.map(({ status }) => status ?? 0) ?? [];
    const counted = Object.entries(Object.groupBy(answers, String)).map(
      ([status, all]) => `${all?.length ?? 0} × ${status}`,
    );
    story.step(`${answers.length} copies arrive, byte by byte the same, correctly signed.`);
    story.show("Answers", counted.join(", "));
    const mails = (await world.mails("ben.okafor")).length - mailsBefore;
    const activations = await world.activationsOf("ben.okafor", TICKET);
    story.promise(
      "one-activation",
      "Fifty messages make one request and one mail.",
      answers.length === COPIES && activations.length === 1 && mails === 1,
      { answers: counted, activations, mails },
    );

    story.step("Ben answers the one mail; then the fifty copies come once more.");
    await stepUp(world, story, "ben.okafor");
    await world.stack.call("servicenow", "redeliver", { ...copies, times: COPIES });
    await world.stack.settle();
    const requests = (await world.roleRequests("ben.okafor")).filter(({ body }) => body.action === "adminAssign");
    const grants = await world.grants("ben.okafor", "helpdeskAdministrator");
    story.show("Graph", `${requests.length} request to the directory, ${grants.length} grant`);
    story.promise("one-grant", "A hundred messages make one grant.", requests.length === 1 && grants.length === 1, {
      requests,
      grants,
    });
    await world.advance(HOUR_MS + MINUTE_MS);
    story.step("An hour later.");
    const ended = await world.activation("ben.okafor", TICKET);
    const [grant] = await world.grants("ben.okafor", "helpdeskAdministrator");
    story.promise("ended", "It ended on time, once.", ended.status === "Ended" && grant?.ended === "expired", {
      status: ended.status,
      grant,
    });
  },
};

interface Delivery {
  readonly attempts: readonly { readonly status?: number }[];
}
