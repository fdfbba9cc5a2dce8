import { aboutItem } from "../../shared/crypto/reviewed-item.ts";
import { openCampaign } from "../../functions/review/open-campaign.ts";
import type { ChangeId } from "../../shared/domain/change.ts";
import type { RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ReviewPolicy } from "../../shared/domain/policy.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import { anItem, aUser, ChangeWorld } from "./change-world.ts";
import { START } from "./memory-directory.ts";
import { Browser, MemoryFront, type Page } from "./memory-front.ts";
import { ADA, adminOf, aRole, CORA, DEV, EVA, OWNERS, ROLE } from "./memory-world.ts";

export const HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8" as RoleDefinitionId;

/** Owners (Dev and Eva) answer for everybody within two weeks; no answer means removal. */
export const REVIEWED: ReviewPolicy = {
  from: plus(START, -DAY_MS),
  everyMs: 90 * DAY_MS,
  withinMs: 14 * DAY_MS,
  remindAfterMs: 7 * DAY_MS,
  reviewers: [{ kind: "group", group: OWNERS }],
  escalation: undefined,
  noAnswer: "remove",
};

/** Ada and Cora are eligible for Global Administrator, Ada and Dev for Helpdesk Administrator: a campaign with two reviews. */
export class ReviewedWorld extends ChangeWorld {
  readonly memory: MemoryFront;
  campaign = "" as ChangeId;
  global = "" as ChangeId;
  helpdesk = "" as ChangeId;
  readonly #browsers = new Map<string, Browser>();

  constructor(reviews: ReviewPolicy = REVIEWED) {
    super();
    const { governance, roles } = this.policy;
    if (!governance) throw new Error("no governance");
    const helpdesk = aRole({ roleDefinitionId: HELPDESK, name: "Helpdesk Administrator" });
    this.policy = { ...this.policy, roles: [...roles, helpdesk], governance: { ...governance, reviews } };
    this.directory.roles.set(HELPDESK, { id: HELPDESK, name: "Helpdesk Administrator", builtIn: true });
    this.memory = new MemoryFront(this);
  }

  async makeEligible(person: Person, roleDefinitionId: RoleDefinitionId): Promise<void> {
    this.directory.principals.set(adminOf(person), aUser(adminOf(person), { name: person.name }));
    const writing = { durationMs: 365 * DAY_MS, justification: "", correlationId: "" };
    await this.directory.makeEligible(anItem(person, { roleDefinitionId }), writing);
  }

  /** Begins the campaign, with no review of it opened yet. */
  async begin(): Promise<void> {
    for (const one of [ADA, CORA]) await this.makeEligible(one, ROLE);
    for (const one of [ADA, DEV]) await this.makeEligible(one, HELPDESK);
    this.directory.journal.length = 0;
    const campaign = await openCampaign(this.changeWorker);
    if (!campaign) throw new Error("no campaign is due");
    this.campaign = campaign;
    for (const id of await this.tables.changes.about(`campaign-${campaign}`)) {
      const body = (await this.tables.changes.load(id))?.change.body;
      if (body?.kind === "review") this[body.roleDefinitionId === ROLE ? "global" : "helpdesk"] = id;
    }
  }

  /** Begins it, and opens both reviews. */
  async open(): Promise<void> {
    await this.begin();
    await this.runReviews();
  }

  async runReviews(): Promise<void> {
    for (const id of [this.global, this.helpdesk]) await this.runChange(id);
  }

  slotOf(review: ChangeId, person: Person, backup = false): number {
    const found = this.frozen(review).approvers.find((one) => one.person === person.key && one.backup === backup);
    if (!found) throw new Error(`${person.key} does not answer there`);
    return found.slot;
  }

  linkOf(review: ChangeId, person: Person, slot = this.slotOf(review, person)): string {
    return this.memory.front.links.signed("change", review, slot, plus(START, 14 * DAY_MS));
  }

  /** The browser of a person, signed in for a quarter of an hour from now. */
  async browserOf(person: Person): Promise<Browser> {
    const browser = this.#browsers.get(person.key) ?? new Browser(this.memory);
    this.#browsers.set(person.key, browser);
    const isOpen = this.tables.changes.frozenRows.has(this.global);
    const page = await browser.get(this.linkOf(isOpen ? this.global : this.helpdesk, person, 1));
    if (page.html.includes('value="signIn"'))
      await browser.signIn(await browser.press(page, "signIn"), person.dailyAccount);
    return browser;
  }

  async numberOf(review: ChangeId, person: Person): Promise<number> {
    return (await this.tables.changes.items(review)).findIndex((item) => item.person === person.key) + 1;
  }

  /** The fields of one answer, as the page has them. */
  async fieldsFor(
    review: ChangeId,
    by: Person,
    about: Person,
    choice: string,
    slot = this.slotOf(review, by),
  ): Promise<Record<string, string>> {
    const n = await this.numberOf(review, about);
    const [item] = await this.tables.changes.items(review, n, 1);
    const key = `${review}-${slot}-${n}-${item ? aboutItem(item).slice(0, 32) : ""}`;
    return { [`c${key}`]: choice, [`r${key}`]: "because" };
  }

  /** Presses "sign" with these answers and goes through the sign-in; what is asked of the worker is left waiting. */
  async signs(
    by: Person,
    fields: Readonly<Record<string, string>>,
    link = this.linkOf(this.global, by),
  ): Promise<Page> {
    const browser = await this.browserOf(by);
    const sent = await browser.press(await browser.get(link), "sign", fields);
    return browser.signIn(sent, by.dailyAccount);
  }

  /** Eva keeps Ada and has Cora removed as Global Administrator, and keeps Ada at the helpdesk. */
  async answersOfEva(): Promise<Record<string, string>> {
    return {
      ...(await this.fieldsFor(this.global, EVA, ADA, "keep")),
      ...(await this.fieldsFor(this.global, EVA, CORA, "remove")),
      ...(await this.fieldsFor(this.helpdesk, EVA, ADA, "keep")),
    };
  }

  /** What the page behind a link says of what was signed. */
  async receiptOf(person: Person, link = this.linkOf(this.global, person)): Promise<string> {
    return (await (await this.browserOf(person)).get(`${link}?signed`)).text;
  }

  /** Why sign-ins for the review did not count. */
  refusals(review: ChangeId): readonly string[] {
    const refused = this.records(review).filter(({ type }) => type === "ProofRefused");
    return refused.map(({ data }) => (data as { readonly problem: string }).problem);
  }

  /** How many sign-ins count for the review. */
  verdicts(review: ChangeId): number {
    return this.tables.changes.stored.get(review)?.verdicts.size ?? 0;
  }

  /** What the person's answers came to, in the person's words, once everything is over. */
  async outcomes(review: ChangeId): Promise<readonly string[]> {
    const rows = await this.tables.changes.allProgress(review);
    return rows.map(({ body }) => {
      const { item, review: outcome } = JSON.parse(body) as {
        readonly item: { readonly holder: string };
        readonly review?: { readonly verdict: string; readonly by: string | null };
      };
      return `${item.holder}: ${outcome?.verdict ?? ""} by ${outcome?.by ?? "nobody"}`;
    });
  }

  /** Both reviews run to their ends after the deadline. */
  async toTheEnd(): Promise<void> {
    this.now = plus(START, 15 * DAY_MS);
    for (const id of [this.global, this.helpdesk]) await this.runOn(id);
  }
}
