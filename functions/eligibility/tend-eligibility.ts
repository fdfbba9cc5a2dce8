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
 * Once a day: an account that cannot sign in any more loses its eligibility, and who is about to lose one by time is
 * told, with the use that was made of it. Taking away needs nobody's approval; of very many, the rest is for the next day.
 * May run twice.
 */
export async function tendEligibility(worker: Tender, posture: DirectoryPosture): Promise<void> {
  const { governance } = worker.policies.policy;
  if (!governance) return;
  const brokered = posture.eligible.filter(
    (row) =>
      isDirect(row) && worker.policies.policy.roles.some((role) => role.roleDefinitionId === row.roleDefinitionId),
  );
  let gone = 0;
  for (const row of brokered) {
    try {
      if (!(await isGone(worker, row, posture))) await remind(worker, governance, row, posture);
      else if ((gone += 1) <= MOST_ENDED) await endFor(worker, row);
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
  return account ? !account.enabled : (await directory.group(row.principalId)) === undefined;
}

async function endFor(worker: Tender, row: Eligibility): Promise<void> {
  const { principalId, roleDefinitionId, directoryScopeId } = row;
  const now = worker.clock.now();
  const key = sha256Hex(`${tripleText(row)} ${now.slice(0, 10)}`).slice(0, 32);
  const data = { principalId, roleDefinitionId, directoryScopeId, because: "accountDisabled" };
  await appendOrLog(
    worker,
    "findings",
    `eligibility-ended-${key}`,
    event("EligibilityEnded", now, data, { kind: "system", part: "sweeper" }),
  );
  const answer = await worker.eligibility.endEligibility(row, {
    justification: "ZS the account is disabled or gone",
    correlationId: crypto.randomUUID(),
  });
  const judged = classifyDirectoryAnswer(answer, "remove");
  if (judged !== "verify" && judged !== "gone") worker.log("error", "eligibility not ended", { principalId, judged });
}

async function remind(
  worker: Tender,
  governance: Governance,
  row: Eligibility,
  posture: DirectoryPosture,
): Promise<void> {
  const person = worker.policies.people.byAccount(row.principalId);
  const days =
    row.endsAt && REMIND_DAYS.find((limit) => msOf(row.endsAt ?? "") - msOf(posture.readAt) <= limit * DAY_MS);
  if (!person || !row.endsAt || days === undefined) return;
  const id = `${tripleText(row)} ${row.endsAt} ${days}`;
  if (await worker.deliveries.seen("eligibility-reminder", digest(id))) return;
  await tell(worker, governance, {
    person,
    row,
    endsAt: row.endsAt,
    role: posture.roles.get(row.roleDefinitionId)?.name ?? row.roleDefinitionId,
  });
  await worker.deliveries.first("eligibility-reminder", digest(id), worker.clock.now());
}

async function tell(
  worker: Tender,
  governance: Governance,
  {
    person,
    row,
    endsAt,
    role,
  }: { readonly person: Person; readonly row: Eligibility; readonly endsAt: Instant; readonly role: string },
): Promise<void> {
  const use = await useOfRole(worker, person.key, row.roleDefinitionId, "");
  const owners = await personsNamedBy(worker, governance.owners);
  for (const to of new Set([person, ...owners])) {
    const message = mailTo(
      to.mail,
      `${person.name}: eligibility for ${role} ends on ${endsAt.slice(0, 10)}`,
      [
        `${person.name} can activate ${role} at ${row.directoryScopeId} until ${endsAt.slice(0, 10)}.`,
        `Use so far: ${useText(use)}.`,
        `Where it is still needed, an owner asks for more: zs eligibility renew "${role}" --for ${person.key} --days 180 --because "…"`,
      ],
      worker.links.eligibilityPage(),
      "Ask for more time",
    );
    if (message.channel === "mail") await worker.notifier.mail({ ...message, activationId: undefined });
  }
}

const digest = (text: string): string => sha256Hex(text).slice(0, 32);
