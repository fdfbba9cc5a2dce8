import * as z from "zod";

const keptMessageSummary = z.object({
  /** `<queue>.<number>` */
  id: z.string(),
  /** The queue that it came in on, and that it is sent to again; `null` = none. */
  queue: z.string().nullable(),
  messageId: z.string(),
  enqueuedAt: z.iso.datetime(),
  deliveries: z.int(),
  reason: z.string().nullable(),
  description: z.string().nullable(),
  bytes: z.int(),
});

export type KeptMessageSummary = z.output<typeof keptMessageSummary>;

/** Answer of `GET /api/queues/{shelf}`; `next` is what `after` has to say for the next page. */
export const keptMessageList = z.object({
  messages: z.array(keptMessageSummary),
  next: z.string().nullable(),
  /** Queues that belong here and that the bus does not have, as far as this page looked: they are set up wrong. */
  missing: z.array(z.string()),
});

/** Answer of `GET /api/queues/{shelf}/{id}`. The body is text where it is UTF-8, else base64. */
export const keptMessageView = keptMessageSummary.extend({
  body: z.string(),
  encoding: z.enum(["utf8", "base64"]),
  /** Whether that is all of what came; a message that was cut off cannot be sent again. */
  whole: z.boolean(),
});

export type KeptMessageView = z.output<typeof keptMessageView>;

/** Answer of `POST /api/queues/{shelf}/{id}/resubmit`. */
export const resubmittedMessage = z.object({ id: z.string(), queue: z.string(), messageId: z.string() });

/** Answer of `POST /api/queues/{shelf}/{id}/discard`. */
export const discardedMessage = z.object({ id: z.string() });
