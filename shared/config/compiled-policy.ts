import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../crypto/digest.ts";
import { policyInForce, type CheckedPolicy, type PolicyInForce } from "./policy-in-force.ts";

/** Put in by the build: names the code that checks policies. Sources that run as they are have no such name. */
declare const POLICY_CHECKER: string | undefined;
const OWN_CHECKER = typeof POLICY_CHECKER === "undefined" ? undefined : POLICY_CHECKER;

/** What `npm run build` leaves beside the code: a policy that was checked, by which code, and the digest of its texts. */
interface CompiledPolicy extends CheckedPolicy {
  readonly checker: string;
  readonly of: string;
}

/**
 * The policy of `roles.yaml` and `people.yaml` in the folder. What the build checked already is taken as it is; texts
 * that differ by a single character from those are checked here and now. See docs/decisions/0014-cold-start.md.
 * @param checker names the code that would check them now; without it nothing counts as checked
 * @throws PolicyError with all problems at once
 * @throws Error if other code than this has checked: the files of two packages lie in one folder
 */
export async function loadPolicy(
  directory: string,
  compiledFile: string,
  checker = OWN_CHECKER,
): Promise<PolicyInForce> {
  const texts = policyTexts(directory);
  const compiled = checker === undefined ? undefined : readCompiled(compiledFile);
  if (compiled && compiled.checker !== checker)
    throw new Error(`${compiledFile} is of another build than the code beside it: deploy the package as a whole`);
  if (compiled?.of === digestOf(texts)) return policyInForce(compiled);
  const { readPolicy } = await import("./policy-file.ts");
  return readPolicy(...texts);
}

/** The text of the compiled file for the folder. @throws PolicyError with all problems at once */
export async function compilePolicy(directory: string, checker: string): Promise<string> {
  const texts = policyTexts(directory);
  const { checkPolicy } = await import("./policy-file.ts");
  const compiled: CompiledPolicy = { checker, of: digestOf(texts), ...checkPolicy(...texts) };
  return JSON.stringify(compiled);
}

const policyTexts = (directory: string): readonly [string, string] => [
  readFileSync(join(directory, "roles.yaml"), "utf8"),
  readFileSync(join(directory, "people.yaml"), "utf8"),
];

const readCompiled = (file: string): CompiledPolicy | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CompiledPolicy) : undefined;
