import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const POLICY = resolve(import.meta.dirname, "../policy");
const PASSAGE = "  nativeDoor: breakGlassAccounts\n";
const DAYS = 41;

/** The day on which the first access review of the demo opens: weeks from now, whenever it is played. */
export const FIRST_REVIEW = new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 10);

/** The sample policy with reviews from that day on, written below the folder. Answers where. */
export function writeReviewedPolicy(folder: string, from = FIRST_REVIEW): string {
  const policy = join(folder, "policy");
  cpSync(POLICY, policy, { recursive: true });
  const roles = readFileSync(join(policy, "roles.yaml"), "utf8");
  if (!roles.includes(PASSAGE)) throw new Error("the sample policy has another shape");
  const reviews = `  reviews: { from: ${from}, reviewers: [group: directoryOwners, group: securityApprovers] }\n`;
  writeFileSync(join(policy, "roles.yaml"), roles.replace(PASSAGE, PASSAGE + reviews));
  return policy;
}
