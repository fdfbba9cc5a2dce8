import type { ChangeItem } from "../../shared/domain/change.ts";
import { parseDirectoryScopeId, parsePrincipalId, parseRoleDefinitionId } from "../../shared/domain/ids.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { isDirect } from "../../shared/domain/posture.ts";
import { DAY_MS, plus } from "../../shared/domain/time.ts";
import { sourcesInclude } from "../changes/named-by.ts";
import type { ChangeWorker } from "../changes/change-worker.ts";
import type { Opening, OpeningResult } from "../changes/contents.ts";
import { isIdentityTeam } from "../http/person.ts";

/**
 * Somebody is to become eligible, to stay it longer, or not to be it any more. Giving needs a second person; taking
 * away does not. What the door wrote is read against policy and directory here.
 */
export async function openEligibility(
  worker: ChangeWorker,
  { change, policy }: Opening<"eligibility">,
): Promise<OpeningResult> {
  const { action } = change.body;
  const { people } = worker.policies;
  const asker = people.byKey(change.askedBy);
  const [row] = await worker.changes.items(change.id);
  if (!asker || !row) return { refusal: refusal("NothingToDo") };
  const item = askedOf(row);
  if (!item) return { refusal: refusal("RecordTampered", "the row names no account, role, scope and length") };
  const mayAsk =
    (await isIdentityTeam(worker, asker)) || (await sourcesInclude(worker, policy.governance.owners, asker));
  if (!mayAsk) return { refusal: refusal("NotOwner") };
  const role = policy.roles.find(({ roleDefinitionId }) => roleDefinitionId === item.roleDefinitionId);
  if (!role) return { refusal: refusal("RoleNotAllowed") };
  const person = people.byAccount(item.principalId);
  const [seen] = await worker.eligibility.looks([item]);
  const eligible = seen?.eligible.find(isDirect);
  if (action === "remove")
    return eligible
      ? {
          contents: contentsOf(
            {
              ...item,
              action: "revoke",
              role: role.name,
              holder: person?.name ?? item.principalId,
              person: person?.key ?? "",
              eligibleForMs: 0,
              madeEligible: false,
            },
            false,
          ),
        }
      : { refusal: refusal("NotEligible") };
  if (!person?.adminAccounts.includes(item.principalId)) return { refusal: refusal("PersonUnknown") };
  if (policy.breakGlassAccounts.includes(item.principalId)) return { refusal: refusal("BreakGlassAccount") };
  const account = await worker.directory.account(item.principalId);
  if (account?.enabled !== true || account.userType !== "Member") return { refusal: refusal("PrincipalNotAllowed") };
  if (role.scopes && !role.scopes.includes(item.directoryScopeId))
    return {
      refusal: refusal("RoleNotAllowed", `${item.directoryScopeId} is none of the scopes that the policy names for it`),
    };
  const rules = (await worker.posture.eligibilityRules()).get(item.roleDefinitionId);
  const longestMs = Math.min(policy.governance.longestEligibilityMs, rules?.longestMs ?? Infinity);
  if (!(item.eligibleForMs > 0 && item.eligibleForMs <= longestMs))
    return { refusal: refusal("EligibilityTooLong", `at most ${Math.floor(longestMs / DAY_MS)} days`) };
  if (action === "add" && eligible) return { refusal: refusal("AlreadyEligible") };
  if (action === "renew" && !eligible) return { refusal: refusal("NotEligible") };
  const until = plus(worker.clock.now(), item.eligibleForMs);
  if (eligible?.endsAt !== undefined && eligible.endsAt >= until)
    return { refusal: refusal("NothingToDo", `it lasts until ${eligible.endsAt.slice(0, 10)} already`) };
  const made: Omit<ChangeItem, "action"> & { readonly action: "grant" | "extend" } = {
    ...item,
    action: action === "add" ? "grant" : "extend",
    role: role.name,
    holder: person.name,
    person: person.key,
    until,
    madeEligible: false,
  };
  const contents = contentsOf(made, true);
  const endless = eligible && eligible.endsAt === undefined ? ["It has no end until now, and gets this one."] : [];
  return { contents: { ...contents, words: [...contents.words, ...endless] } };
}

/** Four values and no more: whatever else stands in the row would be sealed with them, and nobody would have read it. */
function askedOf(
  row: ChangeItem,
): Pick<ChangeItem, "principalId" | "roleDefinitionId" | "directoryScopeId" | "eligibleForMs"> | undefined {
  const principalId = parsePrincipalId(String(row.principalId));
  const roleDefinitionId = parseRoleDefinitionId(String(row.roleDefinitionId));
  const directoryScopeId = parseDirectoryScopeId(String(row.directoryScopeId));
  const { eligibleForMs } = row;
  return principalId && roleDefinitionId && directoryScopeId && Number.isFinite(eligibleForMs)
    ? { principalId, roleDefinitionId, directoryScopeId, eligibleForMs }
    : undefined;
}

const VERB = { grant: "becomes eligible", extend: "stays eligible", revoke: "is not eligible any more" } as const;

function contentsOf(item: Omit<ChangeItem, "action"> & { readonly action: keyof typeof VERB }, needsApproval: boolean) {
  const length = item.action === "revoke" ? "" : `, for ${Math.round(item.eligibleForMs / DAY_MS)} days`;
  const words = [`${item.holder} ${VERB[item.action]} for ${item.role} at ${item.directoryScopeId}${length}.`];
  return { items: [item], words, needsApproval };
}
