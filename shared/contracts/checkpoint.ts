import * as z from "zod";
import { auditRecord } from "./audit-record.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** 32 bytes. */
const base64url = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
/** The public half of a P-256 key; other members of a JWK are left out. */
export const checkpointKey = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: base64url, y: base64url });

/** A signed statement of where every chain of the audit trail ended at one moment. */
export const checkpoint = z.strictObject({
  version: z.literal(1),
  sequence: z.int().positive(),
  at: z.iso.datetime(),
  chains: z.int().nonnegative(),
  root: hash,
  previous: hash,
  keyId: base64url,
  hash,
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
  key: checkpointKey.strict(),
  heads: z.array(
    // A chain may end with a row that is no record: it has no hash, and the export names it.
    z.strictObject({ subject: z.string(), sequence: z.int().positive(), hash: z.union([hash, z.literal("")]) }),
  ),
});

export const checkpointLine = z.strictObject({ checkpoint });

/** One line of `GET /api/audit`: the checkpoints come before the records. */
export const auditLine = z.union([checkpointLine, auditRecord]);

/** `GET /api/audit/keys`: a JWK set. */
export const checkpointKeys = z.object({
  keys: z.array(checkpointKey.extend({ kid: base64url, alg: z.literal("ES256"), use: z.literal("sig") })),
});
