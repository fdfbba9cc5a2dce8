import { setTimeout as pause } from "node:timers/promises";
import type { Eligibility } from "../../shared/domain/directory.ts";
import { classifyDirectoryAnswer } from "../../shared/domain/directory-answer.ts";
import type { Governance } from "../../shared/domain/policy.ts";
import { isDirect, type DirectoryPosture } from "../../shared/domain/posture.ts";
import type { Person } from "../../shared/domain/people.ts";
import { tripleText } from "../../shared/domain/standing-plan.ts";
import { DAY_MS, msOf, type Instant } from "../../shared/domain/time.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { event } from "../activation/change.ts";
import { appendOrLog } from "../audit/append-or-log.ts";
import { mailTo } from "../activation/messages.ts";
import { useOfRole, useText } from "./use-of-role.ts";
import { LOOKS_MS } from "../changes/item-outcome.ts";
import { personsNamedBy } from "../changes/named-by.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";

/** What looking after eligibilities needs. */
export type Tender = Pick<
  ChangeWorker,
  "clock" | "policies" | "audit" | "eligibility" | "deliveries" | "directory" | "store" | "links" | "notifier" | "log"
>;

/** Days before the end at which holder and owners are asked. */
const REMIND_DAYS = [7, 30] as const;
/** Ended at one look: beside bulk work and grants, what an app may write to Graph in 150 seconds lasts for all of them. */
const MOST_ENDED = 500;

/**
 * At every look: an account that cannot sign in any more loses its eligibility for whatever role, and who is about to lose
 * one for a role of the policy by time is told, with the use that was made of it. Taking away needs nobody's approval; of
 * very many, the rest is for the next look. May run twice.
 */
export async function tendEligibility(worker: Tender, posture: DirectoryPosture): Promise<void> {
  const { governance } = worker.policies.policy;
  if (!governance) return;
  const listed = new Set(worker.policies.policy.roles.map(({ roleDefinitionId }) => roleDefinitionId));
  let gone = 0;
  for (const row of posture.eligible.filter(isDirect)) {
    try {
      if (!(await isGone(worker, row, posture))) {
        if (listed.has(row.roleDefinitionId)) await remind(worker, governance, row, posture);
      } else if ((gone += 1) <= MOST_ENDED) await endFor(worker, row);
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      worker.log("error", "eligibility not tended", { principalId: row.principalId, problem }); // the others are not held up
    }
  }
  if (gone > MOST_ENDED) worker.log("error", "eligibility of more accounts is to end", { left: gone - MOST_ENDED });
}

/**
 * The directory says that the holder is a user who cannot sign in, or knows nobody of this id. A list that shows no holder
 * says nothing yet: it may be incomplete, and would have everybody's eligibility ended. Groups are no accounts.
 */
async function isGone({ directory }: Tender, row: Eligibility, { principals }: DirectoryPosture): Promise<boolean> {
  const holder = principals.get(row.principalId);
  if (holder) return holder.kind === "user" && holder.enabled === false;
  const account = await directory.account(row.principalId);
  return account ? account.enabled === false : (await directory.group(row.principalId)) === undefined;
}

/** Recorded before it is sent, and as ended once it is seen no more. */
async function endFor(worker: Tender, row: Eligibility): Promise<void> {
  const { principalId, roleDefinitionId, directoryScopeId } = row;
  const now = worker.clock.now();
  const key = sha256Hex(`${tripleText(row)} ${now}`).slice(0, 32);
  const data = { principalId, roleDefinitionId, directoryScopeId, because: "accountDisabled" };
  const record = (type: "EligibilityEndAttempted" | "EligibilityEnded", name: string): Promise<void> =>
    appendOrLog(worker, "findings", `${name}-${key}`, event(type, now, data, { kind: "system", part: "sweeper" }));
  await record("EligibilityEndAttempted", "eligibility-end-attempted");
  const answer = await worker.eligibility.endEligibility(row, {
    justification: "ZS the account is disabled or gone",
    correlationId: crypto.randomUUID(),
  });
  if (await isSeenNoMore(worker, row)) return record("EligibilityEnded", "eligibility-ended");
  worker.log("error", "eligibility not ended", { principalId, judged: classifyDirectoryAnswer(answer, "remove") });
}

/** The read side lags a little behind a write. */
async function isSeenNoMore({ eligibility }: Tender, row: Eligibility): Promise<boolean> {
  for (const ms of LOOKS_MS) {
    if (ms > 0) await pause(ms);
    const [seen] = await eligibility.looks([row]);
    if (seen?.eligible.some(isDirect) === false) return true;
  }
  return false;
}

/** Each person is told once of each limit, also where somebody else's mailbox takes nothing; that one is tried again. */
async function remind(
  worker: Tender,
  governance: Governance,
  row: Eligibility,
  posture: DirectoryPosture,
): Promise<void> {
  const { endsAt } = row;
  const days = endsAt && REMIND_DAYS.find((limit) => msOf(endsAt) - msOf(posture.readAt) <= limit * DAY_MS);
  if (!endsAt || days === undefined) return;
  const id = `${tripleText(row)} ${endsAt} ${days}`;
  const isTold = (key: string): Promise<boolean> => worker.deliveries.seen(REMINDER, digest(key));
  const told = (key: string): Promise<boolean> => worker.deliveries.first(REMINDER, digest(key), worker.clock.now());
  if (await isTold(id)) return;
  const holder = worker.policies.people.byAccount(row.principalId);
  const owners = await personsNamedBy(worker, governance.owners);
  const write = await reminderOf(worker, row, endsAt, { holder, owners, posture });
  const failed: unknown[] = [];
  for (const to of new Set(holder ? [holder, ...owners] : owners)) {
    if (await isTold(`${id} ${to.key}`)) continue;
    try {
      await worker.notifier.mail(write(to));
      await told(`${id} ${to.key}`);
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, `${failed.length} could not be told that it ends`);
  await told(id);
}

const REMINDER = "eligibility-reminder";

/** What holder and owners are asked. Only an owner can ask for more time: the holder is told whom to turn to. */
async function reminderOf(
  worker: Tender,
  row: Eligibility,
  endsAt: Instant,
  {
    holder,
    owners,
    posture,
  }: {
    readonly holder: Person | undefined;
    readonly owners: readonly Person[];
    readonly posture: DirectoryPosture;
  },
): Promise<(to: Person) => ReturnType<typeof mailTo>> {
  const role = posture.roles.get(row.roleDefinitionId)?.name ?? row.roleDefinitionId;
  const name = holder?.name ?? posture.principals.get(row.principalId)?.name ?? row.principalId;
  const day = endsAt.slice(0, 10);
  const subject = `${name}: eligibility for ${role} ends on ${day}`;
  const lines = [
    `${name} can activate ${role} at ${row.directoryScopeId} until ${day}.`,
    holder
      ? `Use so far: ${useText(await useOfRole(worker, holder.key, row.roleDefinitionId, ""))}.`
      : "The account belongs to no person of the people map: nobody can activate the role with it here, or ask for more.",
  ];
  const renew = `zs eligibility renew "${role}" --for ${holder?.key ?? ""} --days 180 --because "…"`;
  const toOwner = holder ? [...lines, `Where it is still needed, ask for more time, here or with ${renew}`] : lines;
  const whom = owners.map((owner) => owner.name).join(", ");
  return (to) =>
    owners.includes(to)
      ? mailTo(to.mail, subject, toOwner, worker.links.eligibilityPage(), "Who may activate what")
      : mailTo(to.mail, subject, [
          ...lines,
          `Where you still need it, ask one of those who can ask for more time: ${whom}.`,
        ]);
}

const digest = (text: string): string => sha256Hex(text).slice(0, 32);
