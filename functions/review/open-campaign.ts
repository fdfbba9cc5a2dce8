import {
  ASKED_BY_NOBODY,
  isOver,
  NO_ACCOUNT,
  type ChangeId,
  type ChangeItem,
  type FrozenCampaign,
} from "../../shared/domain/change.ts";
import type { PersonKey, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Eligibility } from "../../shared/domain/directory.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { ReviewPolicy } from "../../shared/domain/policy.ts";
import { isDirect } from "../../shared/domain/posture.ts";
import { campaignDue } from "../../shared/domain/review.ts";
import { asksManagers, sourcesOfOthers } from "../../shared/domain/reviewers.ts";
import { HOUR_MS, plus, type Instant } from "../../shared/domain/time.ts";
import { ITEMS_TOGETHER } from "../../shared/ports/change-store.ts";
import { event, WORKER } from "../activation/change.ts";
import { mailTo } from "../activation/messages.ts";
import { changeStateOf } from "../changes/change-state.ts";
import { changeSubject, type ChangeWorker } from "../changes/change-worker.ts";
import { ableReviewers } from "./able-reviewers.ts";
import { managersOf } from "./managers-of.ts";
import { campaignId, frozenCampaign, PopulationDigest, reviewId, sealCampaign } from "./campaign-ids.ts";

/** Every review gets so long before `ringDue` looks after it: the campaign's own orchestration starts it first. */
const SWEPT_AFTER_MS = HOUR_MS;
/** The newest campaigns, of which one may be open still. */
const MOST_LOOKED_BACK = 10;

/**
 * Opens the campaign that is due, unless it was opened already; answers its id when there is one to work. The population
 * is read page by page and fixed: items, digest, seal. May run twice, and begins again where it died.
 */
export async function openCampaign(worker: ChangeWorker): Promise<ChangeId | undefined> {
  const { policy } = worker.policies;
  const reviews = policy.governance?.reviews;
  const now = worker.clock.now();
  const due = reviews && campaignDue(reviews, now);
  if (!due) return undefined;
  const id = campaignId(policy.tenantId, due.number);
  const known = await worker.changes.load(id);
  if (known) return isOver(changeStateOf(known)) ? undefined : id;
  if (policy.mode === "observe") {
    const refused = event("RequestRefusedAtDoor", now, { campaign: id, reason: "ObserveOnly" }, WORKER);
    await worker.audit.append(changeSubject(id), "refused", refused);
    return undefined;
  }
  if (await isAnotherOpen(worker, id)) {
    worker.log("error", "campaign not opened: the last one is open", { number: due.number });
    return undefined;
  }
  const able = await ableReviewers(worker, sourcesOfOthers(reviews));
  if (able.length === 0) {
    await tell(worker, "campaign-without-reviewers", id, { finding: "noReviewers", campaign: id }, NOBODY_REVIEWS);
    return undefined;
  }
  const campaign =
    frozenCampaign(worker.sealing, id, await worker.changes.frozen(id)) ??
    (await freezeCampaign(worker, id, due, reviews, able));
  const common = {
    askedBy: ASKED_BY_NOBODY,
    account: NO_ACCOUNT,
    askedAt: now,
    because: "the review that the policy asks for",
  };
  for (const { id: review, roleDefinitionId, items, population } of campaign.reviews) {
    const row = { activationId: review, key: "change", createdAt: now, dueAt: plus(now, SWEPT_AFTER_MS) };
    await worker.store.ask({ ...row, body: { kind: "change" } });
    const { until, remindAt } = campaign;
    const body = { kind: "review", campaign: id, roleDefinitionId, items, population, until, remindAt } as const;
    await worker.changes.ask({ ...common, id: review, body }, []);
  }
  const { number, opensAt, until } = campaign;
  const opened = { number, opensAt, until, reviews: campaign.reviews };
  await worker.audit.append(changeSubject(id), "opened", event("CampaignOpened", now, opened, WORKER));
  // Last: from here on the campaign is known, and is not opened again.
  await worker.changes.ask({ ...common, id, body: { kind: "campaign", number, opensAt, until } }, []);
  return id;
}

/** Reads the population and fixes it; items stand before the seal that counts them. */
async function freezeCampaign(
  worker: ChangeWorker,
  id: ChangeId,
  { number, opensAt }: { readonly number: number; readonly opensAt: Instant },
  { withinMs, remindAfterMs }: ReviewPolicy,
  able: readonly Person[],
): Promise<FrozenCampaign> {
  const now = worker.clock.now();
  const [alone, ...others] = able;
  const populations = await readPopulation(worker, id, others.length === 0 ? alone : undefined);
  if (alone && [...populations.values()].some(({ hasAlone }) => hasAlone)) {
    const about = { finding: "onlyReviewerReviewed", campaign: id, person: alone.key };
    await tell(worker, "campaign-with-one-reviewer", id, about, onlyReviewer(alone));
  }
  const names = new Map((await worker.posture.roleDefinitions()).map((role) => [role.id, role.name]));
  const campaign: FrozenCampaign = {
    id,
    number,
    opensAt,
    until: plus(now, withinMs), // everybody gets the whole time, also when it opens late
    remindAt: plus(now, remindAfterMs),
    policyHash: worker.policies.policy.hash,
    reviews: [...populations].map(([roleDefinitionId, { review, count, digest }]) => ({
      id: review,
      roleDefinitionId,
      role: names.get(roleDefinitionId) ?? roleDefinitionId,
      items: count,
      population: digest.hex(),
    })),
  };
  await worker.changes.freeze(id, sealCampaign(worker.sealing, campaign));
  return campaign;
}

interface Population {
  readonly review: ChangeId;
  readonly digest: PopulationDigest;
  /** The only reviewer is in it, and nobody else may answer. */
  hasAlone: boolean;
  /** Who answers for somebody so far. */
  readonly shared: Set<PersonKey | "">;
  /** Of those that are written. */
  count: number;
  /** Read and not written yet. */
  waiting: ChangeItem[];
}

/** Items of one role that are written at a time. */
const WRITTEN_TOGETHER = 50 * ITEMS_TOGETHER;

/** Direct eligibilities of the roles that the policy lists, by role, written as they are read. @param alone the only reviewer beside managers */
async function readPopulation(
  worker: ChangeWorker,
  campaign: ChangeId,
  alone: Person | undefined,
): Promise<ReadonlyMap<RoleDefinitionId, Population>> {
  const populations = new Map<RoleDefinitionId, Population>();
  const { policy, people } = worker.policies;
  const managed = policy.governance?.reviews && asksManagers(policy.governance.reviews);
  async function write(population: Population): Promise<void> {
    const { review, count, waiting } = population;
    await worker.changes.putItems(review, count + 1, waiting);
    if (managed) await keepShares(worker, review, waiting, population);
    population.count += waiting.length;
    population.waiting = [];
  }
  await worker.posture.visitEligible(async (rows, holders) => {
    const holding = new Map(holders.map((holder) => [holder.id, holder]));
    const listed = rows.filter(
      (row) => isDirect(row) && policy.roles.some((role) => role.roleDefinitionId === row.roleDefinitionId),
    );
    const managers = managed ? await managersOf(worker, listed) : new Map<PrincipalId, PersonKey>();
    for (const [role, some] of Map.groupBy(listed, ({ roleDefinitionId }) => roleDefinitionId)) {
      const review = reviewId(campaign, role);
      const population: Population = populations.get(role) ?? {
        review,
        digest: new PopulationDigest(),
        count: 0,
        waiting: [],
        hasAlone: false,
        shared: new Set(),
      };
      populations.set(role, population);
      const roleName = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === role)?.name ?? role;
      const items = some.map((row): ChangeItem => {
        const person = people.byAccount(row.principalId);
        const holder = person?.name ?? holding.get(row.principalId)?.name ?? row.principalId;
        const manager = managers.get(row.principalId);
        const isUser = person !== undefined || holding.get(row.principalId)?.kind === "user";
        return {
          ...itemOf(row, roleName, holder, person?.key ?? ""),
          ...(isUser ? {} : { notUser: true }),
          ...(manager === undefined ? {} : { manager }),
        };
      });
      for (const item of items) {
        population.digest.add(item);
        population.waiting.push(item);
        if (alone && item.person === alone.key && item.manager === undefined) population.hasAlone = true;
        if (population.waiting.length === WRITTEN_TOGETHER) await write(population);
      }
    }
  });
  for (const population of populations.values()) if (population.waiting.length > 0) await write(population);
  return populations;
}

/** Who answers for whom is found by these when a reviewer opens the page. Those of an opening that died are not added to. */
async function keepShares(
  worker: ChangeWorker,
  review: ChangeId,
  items: readonly ChangeItem[],
  { count, shared }: Population,
): Promise<void> {
  const shares = Map.groupBy(items.entries(), ([, { manager }]) => manager ?? "");
  for (const [of, entries] of shares) {
    const numbers = entries.map(([index]) => count + 1 + index);
    await worker.changes.keepShare(review, of, numbers, !shared.has(of));
    shared.add(of);
  }
}

const itemOf = (row: Eligibility, role: string, holder: string, person: ChangeItem["person"]): ChangeItem => ({
  action: "review",
  principalId: row.principalId,
  roleDefinitionId: row.roleDefinitionId,
  directoryScopeId: row.directoryScopeId,
  role,
  holder,
  person,
  eligibleForMs: 0,
  ...(row.startsAt === undefined ? {} : { since: row.startsAt }),
  madeEligible: false,
});

/** Not only the one before it: that one may have been passed over, because an earlier one was open. */
async function isAnotherOpen({ changes }: ChangeWorker, id: ChangeId): Promise<boolean> {
  const others = (await changes.about("campaigns")).filter((other) => other !== id).slice(0, MOST_LOOKED_BACK);
  const records = await Promise.all(others.map((other) => changes.load(other)));
  return records.some((record) => record !== undefined && !isOver(changeStateOf(record)));
}

interface Told {
  readonly subject: string;
  readonly lines: readonly string[];
}

const NOBODY_REVIEWS: Told = {
  subject: "The access review cannot begin: nobody can review",
  lines: [
    "The policy names reviewers (governance.reviews.reviewers), but the directory shows no person behind them.",
    "Where managers are asked, somebody else must be there for those who have none.",
  ],
};

const onlyReviewer = ({ name }: Person): Told => ({
  subject: `The access review begins, and nobody can answer about ${name}`,
  lines: [
    `${name} is the only reviewer who can be asked (governance.reviews.reviewers) and is reviewed as well. Nobody answers about themselves.`,
    "Where the policy removes what nobody answered for, they lose it. Name another reviewer before the next review.",
  ],
});

/** Once for each campaign. */
async function tell(
  worker: ChangeWorker,
  source: string,
  campaign: ChangeId,
  finding: Readonly<Record<string, string>>,
  { subject, lines }: Told,
): Promise<void> {
  const now = worker.clock.now();
  if (await worker.deliveries.seen(source, campaign)) return;
  await worker.audit.append("findings", `${source}-${campaign}`, event("FindingReported", now, finding));
  const message = mailTo(
    worker.policies.policy.alertMail,
    subject,
    lines,
    worker.links.eligibilityPage(),
    "Who is eligible",
  );
  await worker.notifier.mail(message);
  await worker.deliveries.first(source, campaign, now);
}
