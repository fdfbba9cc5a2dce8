import { simulatePolicyBody, type PolicySimulation } from "../../shared/contracts/policy-simulation.ts";
import type { BodyError } from "../../shared/contracts/problem.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { simulatePolicy } from "../policy/simulate-policy.ts";

const MOST_BYTES = 2 * 1_048_576;
const MOST_ERRORS = 100;

/**
 * `POST /api/policy/simulate`: whose outcome another policy would have changed. Changes nothing, so that a file that
 * cannot be used is only answered and not written down. Identity team only.
 */
export const simulatePolicyChange = (door: Door): Handler =>
  forIdentityTeam(door, async (request) => {
    const read = await readJson(request, simulatePolicyBody, MOST_BYTES);
    if ("answer" in read) return read.answer;
    const { roles, people, last } = read.body;
    const policy = await policyFrom(roles, people);
    if ("errors" in policy) return problem("InvalidRequest", "The policy cannot be used.", policy.errors);
    return json(200, (await simulatePolicy(door, policy, last)) satisfies PolicySimulation);
  });

/** The parser is loaded only for this: a start takes the policy that the build checked. */
async function policyFrom(
  roles: string,
  people: string,
): Promise<PolicyStore | { readonly errors: readonly BodyError[] }> {
  const { PolicyError, readPolicy } = await import("../../shared/config/policy-file.ts");
  try {
    return readPolicy(roles, people);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const errors = error.problems.map(({ file, line, column, path, message }) => ({
      path: `${file}:${line}:${column}${path === "" ? "" : ` ${path}`}`,
      message,
    }));
    const more = errors.length - MOST_ERRORS;
    return {
      errors: [...errors.slice(0, MOST_ERRORS), ...(more > 0 ? [{ path: "", message: `and ${more} more` }] : [])],
    };
  }
}
