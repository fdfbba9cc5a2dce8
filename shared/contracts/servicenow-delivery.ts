import * as z from "zod";

/** The contract we publish for ServiceNow's outbound message. Only `eventId` and `number` are used; the ticket is read anew. */
export const servicenowDelivery = z.strictObject({
  eventId: z.string().regex(/^[A-Za-z0-9-]{16,64}$/),
  occurredAt: z.iso.datetime({ offset: true }),
  table: z.string().regex(/^[a-z][a-z0-9_]{0,79}$/),
  sys_id: z.string().regex(/^[0-9a-f]{32}$/),
  number: z.string().regex(/^[A-Z]{2,10}\d{7,12}$/),
  state: z.string().max(40).optional(),
  approval: z.string().max(40).optional(),
  operation: z.enum(["insert", "update", "delete"]).optional(),
});
