import * as z from "zod";

/** Answer of `GET /api/health`: the tables can be read. Open to everybody, so it says no more than which policy is in force. */
export const healthView = z.object({ status: z.literal("ok"), policyHash: z.string().regex(/^[0-9a-f]{64}$/) });
