import type { Page } from "../../local/testing/app-visitor.ts";
import { FIRST_REVIEW } from "../reviewed-policy.ts";
import type { Scene } from "../scene.ts";
import { HOUR_MS, type World } from "../world.ts";
import { dev } from "./standing-access.ts";

const DAY_MS = 24 * HOUR_MS;

export const accessReview: Scene = {
  id: "access-review",
  title: "14. Every ninety days somebody asks: who still needs this?",
  intro:
    "Weeks pass, and the day of the access review comes. Cora gets one link, and behind it one page with everybody in every role. She sees who used what, keeps Ada as Global Administrator, and answers nothing for Hugo, who never used that role.",
  async play(world, story) {
    await world.advance(Date.parse(FIRST_REVIEW) - world.now() + 2 * HOUR_MS);
    const link = await reviewLink(world, "cora.lindt");
    story.show("Mail", link.subject, link.url);
    const visitor = world.visitor("cora.lindt");
    const page = await visitor.choose(await visitor.open(link.url), "signIn");
    const [, ofRole = ""] = page.text.split(/<h2[^>]*>Global Administrator</);
    const [, first = ""] = /name="c([\w-]+)"/.exec(ofRole) ?? [];
    story.step(
      "She answers “keep” for Ada Byron and signs it: one fresh sign-in under all her answers, in every role.",
    );
    await visitor.choose(pressed(page, "sign"), "sign", { [`c${first}`]: "keep", [`r${first}`]: "runs the tenant" });
    await world.stack.settle();
    const before = await eligible(world);
    await world.advance(14 * DAY_MS + 2 * HOUR_MS);
    await world.advance(HOUR_MS);
    const after = await eligible(world);
    story.step("Two weeks later the time to answer is over.");
    story.show("Eligible", `before: ${before.join(", ")}`, `after:  ${after.join(", ")}`);
    story.promise(
      "unused-goes",
      "Who was kept stays eligible; whoever nobody answered for is not eligible any more.",
      before.includes("ada.byron") &&
        before.includes("hugo.brandt") &&
        after.includes("ada.byron") &&
        !after.includes("hugo.brandt"),
      { before, after },
    );
    const list = await dev(world, "review", "list", "--json");
    const { campaigns } = JSON.parse(list.lines.join("\n")) as {
      readonly campaigns: readonly { readonly id: string; readonly status: string }[];
    };
    const report = await dev(world, "review", "show", campaigns[0]?.id ?? "");
    story.show("zs", ...report.lines.slice(0, 14));
    story.promise(
      "reported",
      "The report names everybody, what was decided, by whom and why, and that it was read back.",
      campaigns[0]?.status === "Done" &&
        report.lines.some((line) => line.includes("Ada Byron") && line.includes("runs the tenant")),
      report,
    );
    const posture = await dev(world, "standing", "report", "--before", "plan.yaml");
    const global = posture.lines.find((line) => line.startsWith("Global Administrator"));
    story.step("How roles are held now, and how they were when the plan was made (zs standing report --before).");
    story.show("zs", ...posture.lines.slice(2, 4));
    story.promise(
      "posture",
      "Only the two break-glass accounts still stand as Global Administrator.",
      global?.includes("3 -> 2") === true,
      posture,
    );
  },
};

async function reviewLink(world: World, key: string): Promise<{ readonly url: string; readonly subject: string }> {
  const mails = (await world.mails(key)).filter(({ subject }) => subject.startsWith("Access review"));
  const [mail] = mails;
  const url = /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(mail?.content ?? "")?.[0];
  if (!mail || url === undefined || mails.length > 1)
    throw new Error(`${key} got ${mails.length} mails for the review`);
  return { url, subject: mail.subject };
}

/** The page with the button that is pressed: its form has several. */
const pressed = (page: Page, choice: string): Page => ({
  ...page,
  forms: page.forms.slice(0, 1).map((form) => ({ ...form, fields: { ...form.fields, choice } })),
});

async function eligible(world: World): Promise<readonly string[]> {
  const list = await dev(world, "eligibility", "list", "--role", "Global Administrator", "--json");
  const { eligibilities } = JSON.parse(list.lines.join("\n")) as {
    readonly eligibilities: readonly { readonly person: string }[];
  };
  return eligibilities.map(({ person }) => person);
}
