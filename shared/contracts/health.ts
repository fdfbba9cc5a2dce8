import { z } from "zod";

/** Answer of `GET /api/health`: settings and policy were read, functions run. Says nothing about other systems. */
export const healthView = z.object({ status: z.literal("ok") });
