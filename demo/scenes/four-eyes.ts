import { plainText } from "../../local/testing/app-visitor.ts";
import type { Scene } from "../scene.ts";
import { decide, fileChange, stepUp } from "../steps.ts";

const REASON = "Not before the freeze is over";

export const fourEyes: Scene = {
  id: "four-eyes",
  title: "3. Nobody approves for himself, and a no is a no",
  intro:
    "Ada has a second admin account, adm2-ada.byron. It is a member of the group of approvers. She asks for Global Administrator again and tries to approve with it.",
  async play(world, story) {
    const number = await fileChange(world, {
      assignee: "ada.byron",
      role: "globalAdministrator",
      duration: "PT1H",
      summary: "Change the federation settings",
    });
    const grantsBefore = (await world.grants("ada.byron", "globalAdministrator")).length;
    const mailsBefore = (await world.mails("ada.byron")).length;
    story.step(`Change ${number} asks for it; Ada steps up with her first admin account.`);
    await stepUp(world, story, "ada.byron");
    const mailsAfter = await world.mails("ada.byron");
    story.promise(
      "not-asked",
      "The system knows persons, not accounts: Ada's second account is an approver, but Ada is not asked to approve.",
      mailsAfter.length === mailsBefore,
      mailsAfter.slice(mailsBefore).map(({ subject }) => subject),
    );

    const { url } = await world.newestLink("cora.lindt");
    story.step("Ada gets hold of Cora's link and opens it with her second account.");
    story.show("Link", url);
    const second = world.visitor("ada.byron", "secondAdmin");
    const first = await second.open(url);
    const page = first.forms.some(({ fields }) => fields["choice"] === "signIn")
      ? await second.choose(first, "signIn")
      : first;
    const offered = page.forms.map(({ fields }) => fields["choice"] ?? "");
    story.show("Page", `${page.status}: ${shortened(page.text)}`);
    story.step("So she builds the form herself and presses “approve” in a fresh browser.");
    const fresh = world.visitor("ada.byron", "secondAdmin");
    const forms = (await fresh.open(url)).forms.map((form) => ({
      ...form,
      fields: { ...form.fields, choice: "approve" },
    }));
    const forced = await fresh.choose({ ...first, forms }, "approve");
    story.show("Page", `${forced.status}: ${shortened(forced.text)}`);
    await world.stack.settle();
    const waiting = await world.activation("ada.byron", number);
    story.promise(
      "second-account",
      "The same person behind another account decides nothing: no button on the page, and none accepted.",
      page.status === 403 &&
        !offered.includes("approve") &&
        forced.status >= 400 &&
        waiting.status === "AwaitingApproval" &&
        waiting.decisions.length === 0,
      { page: page.status, offered, forced: forced.status, status: waiting.status, decisions: waiting.decisions },
    );

    story.step(`Cora herself denies: “${REASON}”.`);
    await decide(world, story, "cora.lindt", "deny", { reason: REASON });
    const { url: devsLink } = await world.newestLink("dev.patel");
    story.step("Dev comes a minute later and wants to approve.");
    await world.advance(60_000);
    const late = await world.visitor("dev.patel").open(devsLink);
    const denied = await world.activation("ada.byron", number);
    const grants = (await world.grants("ada.byron", "globalAdministrator")).length;
    story.promise(
      "denied",
      "A denial ends it: the request is closed, the next approver finds a closed link, nothing was granted.",
      denied.status === "Denied" && late.status === 410 && grants === grantsBefore,
      { status: denied.status, late: late.status, grants, grantsBefore },
    );
    const told = (await world.mails("ada.byron")).at(-1);
    story.show("Mail", `to Ada: ${told?.subject ?? "nothing"}`);
    story.promise(
      "reason",
      "The requester reads who denied, and why.",
      told?.content.includes(REASON) === true && told.content.includes("Cora Lindt"),
      told,
    );
  },
};

const shortened = (html: string): string =>
  plainText(html)
    .replace(/^Zero Standing /, "")
    .slice(0, 88);
