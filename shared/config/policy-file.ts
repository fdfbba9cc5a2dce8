import type { z } from "zod";
import { policyInForce, type CheckedPolicy, type PolicyInForce } from "./policy-in-force.ts";
import { PEOPLE_FILE } from "./people-schema.ts";
import { checkPeople, checkRoles, checkTogether } from "./policy-checks.ts";
import { personsOf, policyOf } from "./policy-shape.ts";
import { ROLES_FILE } from "./roles-schema.ts";
import { readYaml, type FileProblem, type Finding } from "./yaml-source.ts";

/** Everything that is wrong with the policy files, each with file, line and column. */
export class PolicyError extends Error {
  readonly problems: readonly FileProblem[];

  constructor(problems: readonly FileProblem[]) {
    const lines = problems.map(
      ({ file, line, column, path, message }) => `  ${file}:${line}:${column} ${path ? `${path} ` : ""}${message}`,
    );
    super(["The policy cannot be used:", ...lines].join("\n"));
    this.name = "PolicyError";
    this.problems = problems;
  }
}

/**
 * The policy that the two texts state. The hash covers what they mean: comments, order of keys and short forms do not
 * change it. @throws PolicyError with all problems at once
 */
export const readPolicy = (rolesText: string, peopleText: string): PolicyInForce =>
  policyInForce(checkPolicy(rolesText, peopleText));

/** What the two texts state, names resolved and defaults filled in. @throws PolicyError with all problems at once */
export function checkPolicy(rolesText: string, peopleText: string): CheckedPolicy {
  const roles = readFile("roles.yaml", rolesText, ROLES_FILE, checkRoles);
  const people = readFile("people.yaml", peopleText, PEOPLE_FILE, checkPeople);
  const problems = [...roles.problems, ...people.problems];
  if (!roles.content || !people.content) throw new PolicyError(problems);
  problems.push(...checkTogether(roles.content, people.content).map(roles.locate));
  if (problems.length > 0) throw new PolicyError(problems);
  return { policy: policyOf(roles.content, people.content), persons: personsOf(people.content) };
}

type ReadFile<T> = { readonly problems: readonly FileProblem[] } & (
  { readonly content: T; readonly locate: (finding: Finding) => FileProblem } | { readonly content: undefined }
);

/** More than a person reads; to find the place of each takes time. */
const MOST_FINDINGS = 500;

/** Checks between the parts of a file need its whole shape; so they come only when the shape is right. */
function readFile<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
  check: (content: T) => readonly Finding[],
): ReadFile<T> {
  const yaml = readYaml(file, text);
  if ("problems" in yaml) return { content: undefined, problems: yaml.problems };
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    const findings = parsed.error.issues.flatMap(findingsOf).slice(0, MOST_FINDINGS);
    return { content: undefined, problems: findings.map(yaml.locate) };
  }
  return { content: parsed.data, problems: check(parsed.data).map(yaml.locate), locate: yaml.locate };
}

function findingsOf(issue: z.core.$ZodIssue): readonly Finding[] {
  const path = issue.path.filter((segment) => typeof segment !== "symbol");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message, about: "key" }));
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => ({ path, message, about: "key" }));
  return [{ path, message: issue.message }];
}
