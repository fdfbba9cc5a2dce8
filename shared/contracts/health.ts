import * as z from "zod";

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Answer of `GET /api/health`: the tables can be read. Open to everybody, so it says no more than which policy and which code. */
export const healthView = z.object({
  status: z.literal("ok"),
  policyHash: hash,
  /** As `npm run package` printed it; `null` where no package runs, but a folder that was built. */
  packageHash: hash.nullable(),
});
