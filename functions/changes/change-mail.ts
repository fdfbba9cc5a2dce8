import { isOver, type ChangeApprover, type ChangeState, type FrozenChange } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { mailTo } from "../activation/messages.ts";
import { openedChange } from "./frozen-change.ts";
import type { ChangeWorker } from "./change-worker.ts";

/** Whom a reviewer answers for, where managers are asked. */
const SHARES: Readonly<Record<NonNullable<ChangeApprover["answersFor"]>, string>> = {
  ownPeople: "You answer for the people whose manager you are.",
  others: "You answer for those who have no manager who can be asked.",
  both: "You answer for the people whose manager you are, and for those who have no manager who can be asked.",
};

/** Asks who asked to confirm it with a fresh sign-in. Sent again when the activity is repeated. */
export const askConfirmation = (worker: ChangeWorker, frozen: FrozenChange, until: Instant): Promise<void> =>
  send(worker, frozen.askedBy, "Confirm what you asked for", frozen.words, {
    link: worker.links.signed("change", frozen.id, 0, until),
    label: "Read and confirm",
  });

/** Asks everybody who may be the second person. */
export async function askApprovers(
  worker: ChangeWorker,
  frozen: FrozenChange,
  until: Instant,
  kind: "first" | "reminder",
): Promise<void> {
  const asker = nameOf(worker, frozen.askedBy);
  for (const { person, slot } of frozen.approvers)
    await send(
      worker,
      person,
      `${kind === "reminder" ? "Reminder: " : ""}${asker} asks for a second person`,
      [...frozen.words, `Reason: ${frozen.because}`],
      { link: worker.links.signed("change", frozen.id, slot, until), label: "Read and decide" },
    );
}

/**
 * Asks every reviewer, or at the escalation those who stand in for them; the page keeps what they answer until they sign it.
 * Who cannot be told keeps the others from nothing. @throws what the last mail failed with, when nobody could be told
 */
export async function askReviewers(
  worker: ChangeWorker,
  frozen: FrozenChange,
  until: Instant,
  kind: "first" | "reminder" | "escalation",
): Promise<void> {
  const begin = { first: "", reminder: "Reminder: ", escalation: "Nobody answered: " }[kind];
  const linesFor = ({ answersFor }: ChangeApprover): readonly string[] => [
    ...frozen.words,
    ...(answersFor ? [SHARES[answersFor]] : []),
    `Answer until ${until.slice(0, 10)}. What you answer is kept as you go; it counts once you sign it at the end of the page.`,
  ];
  const reviewers = frozen.approvers.filter(({ backup }) => backup === (kind === "escalation"));
  const faults: unknown[] = [];
  for (const asked of reviewers)
    try {
      await send(worker, asked.person, `${begin}${withoutStop(frozen.words[0] ?? "Review")}`, linesFor(asked), {
        link: worker.links.signed("change", frozen.id, asked.slot, until),
        label: "Review",
      });
    } catch (error) {
      faults.push(error);
      const problem = error instanceof Error ? error.message : "unknown";
      worker.log("error", "reviewer not mailed", { changeId: frozen.id, slot: asked.slot, kind, problem });
    }
  if (faults.length > 0 && faults.length === reviewers.length) throw faults.at(-1);
}

/** A sentence as a heading or subject. */
export const withoutStop = (sentence: string): string => sentence.replace(/\.$/, "");

/** What became of it, to everybody who was asked. */
export async function tellOutcome(worker: ChangeWorker, record: ChangeRecord, state: ChangeState): Promise<void> {
  if (!isOver(state) || !("closing" in state)) return;
  const frozen = openedChange(worker.sealing, record)?.frozen;
  const { closing, done, total, status } = state;
  const why =
    closing.reason === null
      ? []
      : [`${REASONS[closing.reason]}${closing.detail === null ? "" : ` (${closing.detail})`}`];
  const how = total > 0 ? [`${done} of ${total} done.`] : [];
  const persons = [
    record.change.askedBy,
    ...(frozen?.approvers ?? []).filter(({ backup }) => !backup).map(({ person }) => person),
    ...(frozen?.gains ?? []),
  ];
  for (const person of new Set(persons))
    await send(worker, person, `${status}: ${subjectText(record)}`, [...(frozen?.words ?? []), ...why, ...how], {
      link: worker.links.changePage(record.change.id),
      label: "Open the record",
    });
}

function subjectText({ change: { body } }: ChangeRecord): string {
  switch (body.kind) {
    case "wave":
    case "rollback":
      return `${body.kind} ${body.wave} of standing access`;
    case "eligibility":
      return "change of eligibility";
    case "settings":
      return "change of settings in PIM";
    case "policy":
      return "change of the policy";
    case "review":
    case "campaign":
      return `${body.kind} of eligibility`;
  }
}

const nameOf = ({ policies }: ChangeWorker, person: PersonKey): string => policies.people.byKey(person)?.name ?? person;

async function send(
  worker: ChangeWorker,
  person: PersonKey,
  subject: string,
  lines: readonly string[],
  { link, label }: { readonly link: string; readonly label: string },
): Promise<void> {
  const mail = worker.policies.people.byKey(person)?.mail;
  if (mail === undefined) return;
  const message = mailTo(mail, subject, lines, link, label);
  if (message.channel === "mail") await worker.notifier.mail({ ...message, activationId: undefined });
}
