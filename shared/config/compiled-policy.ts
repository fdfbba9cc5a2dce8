import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../crypto/digest.ts";
import { policyInForce, type CheckedPolicy, type PolicyInForce } from "./policy-in-force.ts";

/** What `npm run build` leaves beside the code: a policy that was checked, and the digest of the texts that state it. */
interface CompiledPolicy extends CheckedPolicy {
  readonly of: string;
}

/**
 * The policy of `roles.yaml` and `people.yaml` in the folder. What the build checked already is taken as it is; texts
 * that differ by a single character from those are checked here and now. See docs/decisions/0014-cold-start.md.
 * @throws PolicyError with all problems at once
 */
export async function loadPolicy(directory: string, compiledFile: string): Promise<PolicyInForce> {
  const texts = policyTexts(directory);
  const compiled = readCompiled(compiledFile);
  if (compiled?.of === digestOf(texts)) return policyInForce(compiled);
  const { readPolicy } = await import("./policy-file.ts");
  return readPolicy(...texts);
}

/** The text of the compiled file for the folder. @throws PolicyError with all problems at once */
export async function compilePolicy(directory: string): Promise<string> {
  const texts = policyTexts(directory);
  const { checkPolicy } = await import("./policy-file.ts");
  const compiled: CompiledPolicy = { of: digestOf(texts), ...checkPolicy(...texts) };
  return JSON.stringify(compiled);
}

const policyTexts = (directory: string): readonly [string, string] => [
  readFileSync(join(directory, "roles.yaml"), "utf8"),
  readFileSync(join(directory, "people.yaml"), "utf8"),
];

const readCompiled = (file: string): CompiledPolicy | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CompiledPolicy) : undefined;
