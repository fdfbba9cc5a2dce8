import { isOver, type ChangeState, type FrozenChange } from "../../shared/domain/change.ts";
import type { PersonKey } from "../../shared/domain/ids.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { mailTo } from "../activation/messages.ts";
import { openedChange } from "./frozen-change.ts";
import type { ChangeWorker } from "./change-worker.ts";

/** Asks who asked to confirm it with a fresh sign-in. Sent again when the activity is repeated. */
export const askConfirmation = (worker: ChangeWorker, frozen: FrozenChange, until: Instant): Promise<void> =>
  sendTo(worker, frozen.askedBy, "Confirm what you asked for", frozen.words, {
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
    await sendTo(
      worker,
      person,
      `${kind === "reminder" ? "Reminder: " : ""}${asker} asks for a second person`,
      [...frozen.words, `Reason: ${frozen.because}`],
      { link: worker.links.signed("change", frozen.id, slot, until), label: "Read and decide" },
    );
}

/**
 * What became of it, to everybody who was asked. Who can never be told keeps it from no end. @throws DependencyError while
 * mail does not go out
 */
export async function tellOutcome(worker: ChangeWorker, record: ChangeRecord, state: ChangeState): Promise<void> {
  if (!isOver(state) || !("closing" in state)) return;
  // Reviewers are told once, when the campaign is over; what does not even begin is told at once.
  if (record.change.body.kind === "review" && state.status !== "Refused") return;
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
  const { id } = record.change;
  const lines = [...(frozen?.words ?? []), ...why, ...how];
  const page = { link: worker.links.changePage(id), label: "Open the record" };
  for (const person of new Set(persons))
    await unlessNever(worker, id, () => sendTo(worker, person, `${status}: ${subjectText(record)}`, lines, page));
}

/** Whether a mail that failed so will fail again, however often it is sent. */
export const isNever = (error: unknown): error is DependencyError =>
  error instanceof DependencyError && (error.code === "Rejected" || error.code === "Misconfigured");

/** Sends, but for what will never go out: that is logged. @throws DependencyError for what may go out later */
export async function unlessNever(
  worker: Pick<ChangeWorker, "log">,
  changeId: string,
  mail: () => Promise<void>,
): Promise<void> {
  try {
    await mail();
  } catch (error) {
    if (!isNever(error)) throw error;
    worker.log("error", "outcome not mailed", { changeId, problem: error.message });
  }
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

/** Mail to a person of the people map; who is not there gets none. */
export async function sendTo(
  worker: ChangeWorker,
  person: PersonKey,
  subject: string,
  lines: readonly string[],
  { link, label }: { readonly link: string; readonly label: string },
): Promise<void> {
  const mail = worker.policies.people.byKey(person)?.mail;
  if (mail === undefined) return;
  const message = mailTo(mail, subject, lines, link, label);
  await worker.notifier.mail(message);
}
