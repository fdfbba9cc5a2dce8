import * as z from "zod";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** One line of `GET /api/audit`: a record of a subject's chain. `hash` covers the canonical form of all other members. */
export const auditRecord = z.object({
  version: z.literal(1),
  subject: z.string(),
  sequence: z.int().positive(),
  key: z.string(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("person"), person: z.string(), account: z.guid() }),
    z.object({ kind: z.literal("system"), part: z.enum(["front", "worker", "sweeper"]) }),
    z.object({ kind: z.literal("ticketSystem"), system: z.string() }),
    z.object({ kind: z.literal("sender"), sender: z.string() }),
  ]),
  data: z.record(z.string(), z.unknown()),
  previous: hash,
  hash,
});
