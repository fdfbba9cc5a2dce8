import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { ActivationRequest, Closing } from "../../shared/domain/activation.ts";
import type { ActivationId, PersonKey } from "../../shared/domain/ids.ts";
import { REASONS } from "../../shared/domain/reasons.ts";
import type { EvidenceChange } from "../../shared/domain/ticket.ts";
import { MINUTE_MS, plus, type Instant } from "../../shared/domain/time.ts";
import type { OutgoingMail, OutgoingMessage, PendingRow } from "../../shared/ports/activation-store.ts";
import { durationText, instantText } from "../pages/format.ts";
import type { Worker } from "../worker.ts";

const RETRY_AFTER_MS = MINUTE_MS;

/** A message as a pending row: kept until sent. The key names the transition, so a repeated activity adds nothing. */
export const sendRow = (
  activationId: ActivationId,
  key: string,
  message: OutgoingMessage,
  now: Instant,
): PendingRow => ({
  activationId,
  key: `send-${key}`,
  createdAt: now,
  dueAt: plus(now, RETRY_AFTER_MS),
  body: { kind: "send", message, attempts: 0 },
});

/** Makes the messages about one request; texts hold no secret but the link itself. */
export function messagesFor(worker: Pick<Worker, "policies" | "links">, request: ActivationRequest, now: Instant) {
  const { people } = worker.policies;
  const nameOf = (person: PersonKey): string => people.byKey(person)?.name ?? person;
  const what = `${request.roleName} for ${durationText(request.durationMs)}`;
  const row = (key: string, message: OutgoingMessage): PendingRow => sendRow(request.activationId, key, message, now);

  const mail = (
    key: string,
    to: PersonKey,
    subject: string,
    lines: readonly string[],
    link: string,
    label: string,
  ): PendingRow[] => {
    const person = people.byKey(to);
    return person ? [row(`${key}-${to.replaceAll(".", "_")}`, mailTo(person.mail, subject, lines, link, label))] : [];
  };
  const page = worker.links.page(request.activationId);
  const note = (key: string, text: string): PendingRow =>
    row(`${key}-note`, {
      channel: "ticketNote",
      ticket: { ...request.ticket, id: request.ticketId },
      text: `${text} (${page})`,
    });

  return {
    note,
    askStepUp: (key: string, expiresAt: Instant, changes: readonly EvidenceChange[] = []): readonly PendingRow[] =>
      mail(
        key,
        request.person,
        `Prove that you asked for ${request.roleName}`,
        [
          `Ticket ${request.ticket.number} asks for ${what} on your account.`,
          ...changes.map(({ field, before, after }) => `The ticket changed: ${field} was ${before}, is now ${after}.`),
          `Confirm it until ${instantText(expiresAt)}. If you did not ask for this, open the link and say so.`,
        ],
        worker.links.signed("stepUp", request.activationId, 0, expiresAt),
        "Open the request",
      ),
    askApproval: (
      key: string,
      expiresAt: Instant,
      persons: readonly PersonKey[],
      kind: "new" | "reminder",
    ): readonly PendingRow[] =>
      request.approvers
        .filter(({ person }) => persons.includes(person))
        .flatMap(({ person, slot }) =>
          mail(
            key,
            person,
            `${kind === "reminder" ? "Reminder: " : ""}${nameOf(request.person)} asks for ${request.roleName}`,
            [
              `${nameOf(request.person)} asks for ${what}, for ticket ${request.ticket.number}.`,
              `Reason: ${request.justification}`,
              `Decide until ${instantText(expiresAt)}.`,
            ],
            worker.links.signed("decide", request.activationId, slot, expiresAt),
            "Read and decide",
          ),
        ),
    askStart: (key: string, opensAt: Instant, lapsesAt: Instant): readonly PendingRow[] =>
      mail(
        key,
        request.person,
        `${request.roleName} is ready to start`,
        [`Everything is approved. Start it between ${instantText(opensAt)} and ${instantText(lapsesAt)}.`],
        worker.links.signed("start", request.activationId, 0, lapsesAt),
        "Start",
      ),
    tell: (
      key: string,
      persons: readonly PersonKey[],
      subject: string,
      lines: readonly string[],
    ): readonly PendingRow[] =>
      [...new Set(persons)].flatMap((person) => mail(key, person, subject, lines, page, "Open the record")),
    closed: (key: string, persons: readonly PersonKey[], outcome: string, closing: Closing): readonly PendingRow[] =>
      [...new Set(persons)].flatMap((person) =>
        mail(
          key,
          person,
          `${request.roleName}: ${outcome}`,
          [
            `The request of ${nameOf(request.person)} for ${what} (${request.ticket.number}): ${outcome}.`,
            reasonLine(closing, nameOf),
          ],
          page,
          "Open the record",
        ),
      ),
  };
}

/** Why, in words: the reason's sentence, what it names, and who. */
function reasonLine(closing: Closing, nameOf: (person: PersonKey) => string): string {
  const by = closing.by === null ? "" : ` By ${nameOf(closing.by)}.`;
  const detail = closing.detail === null ? "" : ` (${closing.detail})`;
  return `${REASONS[closing.reason]}${detail}${by}`;
}

/** A mail, with one link or none; everything in it is escaped. */
export function mailTo(to: string, subject: string, lines: readonly string[], link?: string, label = ""): OutgoingMail {
  const body = html`<div style="font-family:Segoe UI,Arial,sans-serif;font-size:15px;line-height:1.5">
    ${lines.map((line) => html`<p>${line}</p>`)}
    ${link === undefined ? "" : html`<p><a href="${link}">${label}</a></p>`}
    <p style="color:#666;font-size:12px">
      Zero
      Standing.${link === undefined ? "" : " Opening the link changes nothing; only what you confirm by signing in does."}
    </p>
  </div>`;
  return { channel: "mail", to: [to], subject: oneLine(subject), html: (body as HtmlEscapedString).toString() };
}

/** Without controls, halves of characters and every separator of lines (U+2028 and U+2029 too). */
const oneLine = (text: string): string => text.slice(0, 200).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ");
