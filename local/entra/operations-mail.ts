import { randomUUID } from "node:crypto";
import { z } from "zod";
import { badRequest, GraphError } from "./errors.ts";
import { mailQuota } from "./graph-quota.ts";
import { needs, type Directory, type GraphApp } from "./graph-app.ts";
import { userOf } from "./operations-people.ts";
import { bodyOf } from "./operations-requests.ts";

const Recipients = z
  .array(z.object({ emailAddress: z.object({ address: z.email(), name: z.string().nullish() }) }))
  .default([]);

const Mail = z.strictObject({
  message: z.object({
    subject: z.string().default(""),
    body: z.object({
      contentType: z.string().toLowerCase().pipe(z.enum(["text", "html"])).default("text"), // prettier-ignore
      content: z.string(),
    }),
    toRecipients: Recipients,
    ccRecipients: Recipients,
  }),
  saveToSentItems: z.boolean().nullish(),
});

/** `sendMail` hands the mail to the mailbox and answers 202: taken, which proves no delivery. */
export function mountMail(graph: GraphApp, directory: Directory): void {
  const waitMsOf = mailQuota(directory.state);
  graph.post("/users/:id/sendMail", needs("Mail.Send"), async (c) => {
    const sender = userOf(directory, c);
    if (sender.mail === null)
      throw new GraphError(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise."); // prettier-ignore
    const waitMs = waitMsOf(sender.id);
    if (waitMs > 0) {
      c.header("retry-after", String(Math.ceil(waitMs / 1_000)));
      throw new GraphError(429, "ApplicationThrottled", "Too many messages.");
    }
    const mail = Mail.safeParse(lowerFirst(await bodyOf(c)));
    if (!mail.success) throw badRequest(mail.error.issues[0]?.message ?? "The mail is not valid.");
    const { subject, body, toRecipients, ccRecipients } = mail.data.message;
    if (toRecipients.length + ccRecipients.length === 0)
      throw new GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.");
    directory.deliver({
      id: randomUUID(),
      at: new Date().toISOString(),
      from: sender.mail,
      to: [...toRecipients, ...ccRecipients].map(({ emailAddress }) => emailAddress.address),
      subject,
      ...body,
    });
    return c.body(null, 202);
  });
}

/** Graph's model writes `Message`, its examples `message`: the first letter may be either. */
const lowerFirst = (json: unknown): unknown =>
  typeof json === "object" && json !== null
    ? Object.fromEntries(Object.entries(json).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value])) // prettier-ignore
    : json;
