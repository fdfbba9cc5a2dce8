import * as z from "zod";

/** Problems of the HTTP doors themselves; refusals of requests have the domain's reason codes. */
export const PROBLEMS = {
  InvalidRequest: [400, "The request is not valid."],
  Unauthenticated: [401, "The call could not be authenticated."],
  Forbidden: [403, "You may not do this."],
  NotFound: [404, "There is no such thing, or you may not see it."],
  Conflict: [409, "The thing is in a state that does not allow this."],
  NotConfigured: [409, "This system is not set up for that."],
  PayloadTooLarge: [413, "The request body is too large."],
  UnsupportedMediaType: [415, "The request body must be JSON."],
  Misconfigured: [
    500,
    "A system that is needed for this refuses this one: zs doctor names the missing right or setting.",
  ],
  Unavailable: [503, "A system that is needed for this does not answer. Try again."],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong with a request body. */
const bodyError = z.object({ path: z.string(), message: z.string() });

export type BodyError = Readonly<z.output<typeof bodyError>>;

/** An RFC 9457 answer. `code` is stable; `title` and `detail` are for people. */
export const problemBody = z.object({
  type: z.string().regex(/^urn:zero-standing:problem:[A-Za-z]+$/),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(bodyError).optional(),
});
