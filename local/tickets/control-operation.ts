import { z } from "zod";

/** A control operation whose parameters are checked first, so that a misspelt one is an error and not a no-op. */
export const controlOperation =
  <T>(parameters: z.ZodType<T>, run: (parameters: T) => unknown) =>
  (given: Readonly<Record<string, unknown>>): unknown => {
    const parsed = parameters.safeParse(given);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return run(parsed.data);
  };

/** Sends past deliveries again: one by its place in the list (-1 is the last), or all. */
export const Redeliver = z.strictObject({
  index: z.union([z.int(), z.literal("all")]),
  times: z.int().min(1).max(1_000).default(1),
  verbatim: z.boolean().default(false),
});
