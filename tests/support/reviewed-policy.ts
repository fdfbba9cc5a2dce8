import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edited, SAMPLE } from "./policy-text.ts";

const DAY_MS = 86_400_000;

/** When the first campaign opens: weeks from now, whenever the tests run. */
export const FIRST_DAY = new Date(Date.now() + 41 * DAY_MS).toISOString().slice(0, 10);

/** A folder with the sample policy and reviews from that day on, by owners and approvers if nobody else is named; `more` is added as it is. */
export function reviewedPolicy(reviewers = "group: directoryOwners, group: securityApprovers", more = ""): string {
  const folder = mkdtempSync(join(tmpdir(), "zs-policy-"));
  const reviews = `  reviews: { from: ${FIRST_DAY}, reviewers: [${reviewers}]${more} }\n`;
  const passage = "  nativeDoor: breakGlassAccounts\n";
  writeFileSync(join(folder, "roles.yaml"), edited(SAMPLE.roles, passage, passage + reviews));
  writeFileSync(join(folder, "people.yaml"), SAMPLE.people);
  return folder;
}
