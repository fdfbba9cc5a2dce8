import type { HttpResponseInit } from "@azure/functions";
import { REASONS, type ReasonCode, type Refusal } from "../../shared/domain/reasons.ts";
import { REASON_STATUS } from "./reason-status.ts";

/** Problems of the HTTP doors themselves; refusals of requests have the domain's reason codes. */
const PROBLEMS = {
  InvalidRequest: [400, "The request is not valid."],
  Unauthenticated: [401, "The call could not be authenticated."],
  Forbidden: [403, "You may not do this."],
  NotFound: [404, "There is no such thing, or you may not see it."],
  Conflict: [409, "The thing is in a state that does not allow this."],
  PayloadTooLarge: [413, "The request body is too large."],
  UnsupportedMediaType: [415, "The request body must be JSON."],
  Unavailable: [503, "A system that is needed for this does not answer. Try again."],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong with a request body. */
export interface BodyError {
  readonly path: string;
  readonly message: string;
}

/** An RFC 9457 answer with a stable `type` and `code`. */
export function problem(code: ProblemCode, detail?: string, errors?: readonly BodyError[]): HttpResponseInit {
  const [status, title] = PROBLEMS[code];
  return answer(status, code, title, detail, errors);
}

/** A refusal as a problem: the reason is the code. */
export const refusalProblem = ({ reason, detail }: Refusal): HttpResponseInit =>
  answer(REASON_STATUS[reason], reason, REASONS[reason], detail);

function answer(
  status: number,
  code: ProblemCode | ReasonCode,
  title: string,
  detail: string | undefined,
  errors?: readonly BodyError[],
): HttpResponseInit {
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    },
    body: JSON.stringify({ type: `urn:zero-standing:problem:${code}`, title, status, code, detail, errors }),
  };
}
