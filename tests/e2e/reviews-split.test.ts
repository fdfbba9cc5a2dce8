import { describe, expect, it } from "vitest";
import { campaignId } from "../../functions/review/campaign-ids.ts";
import { adminId, ROLES, TENANT_ID } from "../../local/seed.ts";
import { AppVisitor, plainText, type Page } from "../../local/testing/app-visitor.ts";
import { reviewLink, roleOnPage } from "../support/review-page.ts";
import { FIRST_DAY, reviewedPolicy } from "../support/reviewed-policy.ts";
import { RunningApp } from "../support/running-app.ts";
import { TakenOverPart } from "../support/split-app.ts";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CORA = "cora.lindt@contoso.example";

describe("the access review in three processes, one of which somebody took over", () => {
  const stack = useStack({ split: true, settings: { POLICY_DIRECTORY: reviewedPolicy() } });
  const app = (): RunningApp => new RunningApp(stack());
  const cora = new AppVisitor(CORA);
  const subjects = async (): Promise<readonly string[]> =>
    (await app().mails(CORA)).map(({ subject }) => subject).filter((subject) => /review/i.test(subject));
  const verdicts = async (): Promise<number> =>
    new Set(
      (await storedRows(stack(), "changes"))
        .filter(({ rowKey }) => rowKey?.startsWith("verdict-"))
        .map(({ partitionKey }) => partitionKey),
    ).size;

  const pressed = (page: Page, choice: string): Page => ({
    ...page,
    forms: page.forms.slice(0, 1).map((form) => ({ ...form, fields: { ...form.fields, choice } })),
  });

  it("mails a reviewer once, whatever the front wrote about mails that were sent", async () => {
    const front = new TakenOverPart(stack(), "front").table("changes");
    const campaign = campaignId(TENANT_ID, 0);
    for (const kind of ["first", "reminder", "outcome"]) {
      const claim = JSON.stringify({ campaign, kind, person: "cora.lindt", review: campaign });
      const row = { partitionKey: `${campaign}-mails`, rowKey: `${kind}-cora_2elindt` };
      await front?.createEntity({ ...row, json: JSON.stringify({ body: claim, mac: "A".repeat(43) }) });
    }
    await stack().clock.advance(Date.parse(`${FIRST_DAY}T01:00:00Z`) - stack().clock.now());
    await stack().settle();
    expect(await subjects()).toEqual(["Access review: who still needs which role?"]);
  });

  it("keeps what was signed for several roles while the worker is away, and counts it in each", async () => {
    const page = await cora.choose(await cora.open(reviewLink(await app().mails(CORA))), "signIn");
    const [ada = ""] = roleOnPage(page.text, ROLES.globalAdministrator[1]).keys;
    const grace = roleOnPage(page.text, ROLES.userAdministrator[1]).keys.at(-1) ?? "";
    await stack().kill("worker");
    const fields = { [`c${ada}`]: "keep", [`r${ada}`]: "on call", [`c${grace}`]: "keep", [`r${grace}`]: "on call" };
    const signed = await cora.choose(pressed(page, "sign"), "sign", fields);
    expect(plainText(signed.text)).toMatch(/Being checked .*Global Administrator 1 of 3 answered, being checked/);
    expect(await verdicts()).toBe(0);
    await stack().start("worker");
    await stack().settle();
    expect(await verdicts()).toBe(2);
    expect(plainText((await cora.open(signed.url)).text)).toContain("Everything that you answered counts.");
  });

  it("decides in both, and tells the outcome once", async () => {
    await stack().clock.advance(15 * DAY_MS);
    await stack().settle();
    await stack().clock.advance(HOUR_MS);
    await stack().settle();
    expect(await app().eligibleFor(ROLES.globalAdministrator[0])).toEqual([adminId(1)]);
    expect(await app().eligibleFor(ROLES.userAdministrator[0])).toEqual([adminId(7)]);
    expect((await subjects()).slice(1)).toEqual([
      "Reminder: Access review: who still needs which role?",
      "Access review 1 is over",
    ]);
  });
});
