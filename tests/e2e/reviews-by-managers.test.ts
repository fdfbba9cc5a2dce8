import { describe, expect, it } from "vitest";
import { adminId, ROLES } from "../../local/seed.ts";
import { AppVisitor, plainText, type Page } from "../../local/testing/app-visitor.ts";
import { validateExchange, type GraphExchange } from "../support/graph-contract.ts";
import { FIRST_DAY, reviewedPolicy } from "../support/reviewed-policy.ts";
import { reviewLink, roleOnPage } from "../support/review-page.ts";
import { RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ROLE = "Global Administrator";

/** In the seed Eva is the manager of Ada and Hugo, and Iris is Dev's. */
describe("the access review by managers", () => {
  const policy = reviewedPolicy("manager, group: securityApprovers");
  const stack = useStack({ settings: { POLICY_DIRECTORY: policy } });
  const eva = new AppVisitor("eva.marek@contoso.example");

  async function pageOfEva(): Promise<Page> {
    const shown = await eva.open(reviewLink(await new RunningApp(stack()).mails("eva.marek@contoso.example")));
    return shown.forms.some((form) => form.fields["choice"] === "signIn") ? eva.choose(shown, "signIn") : shown;
  }

  const isEligible = async (principalId: string): Promise<boolean> =>
    (await new RunningApp(stack()).eligibleFor(ROLES.globalAdministrator[0])).includes(principalId);

  it("shows a manager their own people, and nobody else's", async () => {
    await stack().clock.advance(Date.parse(FIRST_DAY) - stack().clock.now() + HOUR_MS);
    await stack().settle();
    await stack().clock.advance(2 * HOUR_MS);
    await stack().settle();
    const { words } = roleOnPage((await pageOfEva()).text, ROLE);
    expect(words).toContain("Ada Byron");
    expect(words).toContain("Hugo Brandt");
    expect(words).not.toContain("Dev Patel");
  });

  it("does what the manager signed, at the deadline", async () => {
    const shown = await pageOfEva();
    const [ada = "", hugo = ""] = roleOnPage(shown.text, ROLE).keys;
    const [form] = shown.forms;
    if (!form) throw new Error(plainText(shown.text));
    const signing = { ...shown, forms: [{ ...form, fields: { ...form.fields, choice: "sign" } }] };
    await eva.choose(signing, "sign", { [`c${ada}`]: "keep", [`r${ada}`]: "on call", [`c${hugo}`]: "remove" });
    await stack().settle();
    expect(await isEligible(adminId(8))).toBe(true);
    await stack().clock.advance(15 * DAY_MS);
    await stack().settle();
    expect([await isEligible(adminId(1)), await isEligible(adminId(8))]).toEqual([true, false]);
  });

  it("asks Graph only for what Graph documents", async () => {
    const exchanges = (await stack().call("graph", "exchanges")) as GraphExchange[];
    expect(exchanges.filter(({ path }) => path.includes("/manager")).length).toBeGreaterThan(0);
    expect(exchanges.flatMap(validateExchange)).toEqual([]);
  });
});
