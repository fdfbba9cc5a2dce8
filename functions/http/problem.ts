import type { HttpResponseInit } from "@azure/functions";
import { PROBLEMS, type BodyError, type ProblemCode } from "../../shared/contracts/problem.ts";
import { REASONS, type ReasonCode, type Refusal } from "../../shared/domain/reasons.ts";
import { REASON_STATUS } from "./reason-status.ts";

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
