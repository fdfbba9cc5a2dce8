import { parse, stringify } from "yaml";
import { issueWords } from "../../shared/contracts/issue-words.ts";
import { standingPlanView, type StandingPlanView } from "../../shared/contracts/standing.ts";
import { digestOf } from "../../shared/crypto/digest.ts";
import { usageError } from "../exit-code.ts";
import { readTextFile, writeTextFile } from "../text-file.ts";

const HEADING = `# What stands permanently in the tenant, and what becomes of it. Made by zs standing plan; read by people, applied with
#   zs standing apply FILE --wave N
# Do not change it by hand: the service refuses a plan that was changed. What is to stay is named in the policy
# (governance.exceptions), with an owner and a last day; then make the plan again.
`;

/** Writes a plan for people to read and to review. @throws CliError when the file cannot be written */
export function writePlanFile(file: string, plan: StandingPlanView): void {
  writeTextFile(file, HEADING + stringify(plan, { lineWidth: 0 }));
}

/** Reads a plan back, as it was made. Says what is wrong and where. @throws CliError */
export function readPlanFile(file: string): StandingPlanView {
  const parsed = standingPlanView.safeParse(yamlOf(file, readTextFile(file, MOST_BYTES)), { error: issueWords });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.map(String).join(".") ?? "";
    throw usageError(`${file} is no plan: ${at === "" ? "it" : at} ${issue?.message ?? "is not valid"}`);
  }
  const { id, ...content } = parsed.data;
  if (digestOf(content) !== id)
    throw usageError(`${file} was changed after it was made: make it again with zs standing plan`);
  return parsed.data;
}

/** More than a plan of as many assignments as the service takes. */
const MOST_BYTES = 32 * 1_048_576;

function yamlOf(file: string, text: string): unknown {
  try {
    return parse(text, { uniqueKeys: true, maxAliasCount: 0, logLevel: "error" });
  } catch {
    throw usageError(`${file} is no plan: it is not YAML`);
  }
}
