import { eligibilityBody, type eligibilityList } from "../../shared/contracts/change.ts";
import type { z } from "zod";
import type { ChangeItem } from "../../shared/domain/change.ts";
import type { Eligibility } from "../../shared/domain/directory.ts";
import {
  parseDirectoryScopeId,
  parsePrincipalId,
  parseRoleDefinitionId,
  type PrincipalId,
} from "../../shared/domain/ids.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { parseDuration } from "../../shared/domain/time.ts";
import { askChange } from "../changes/ask-change.ts";
import { sourcesInclude } from "../changes/named-by.ts";
import { viewOfChange } from "../changes/change-view.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { callingPerson, isIdentityTeam, refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";

/** `GET /api/eligibility`: who may activate what, until when. Changes nothing; identity team only. */
export const listEligibility = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const readAt = door.clock.now();
    const rows: Eligibility[] = [];
    const names = new Map<PrincipalId, string>();
    await door.posture.visitEligible((page, holders) => {
      rows.push(...page);
      for (const { id, name } of holders) names.set(id, name);
    });
    const roles = new Map((await door.posture.roleDefinitions()).map(({ id, name }) => [id, name]));
    const { people } = door.policies;
    return json(200, {
      readAt,
      eligibilities: rows.map((row) => ({
        role: roles.get(row.roleDefinitionId) ?? row.roleDefinitionId,
        roleDefinitionId: row.roleDefinitionId,
        holder: people.byAccount(row.principalId)?.name ?? names.get(row.principalId) ?? row.principalId,
        person: people.byAccount(row.principalId)?.key ?? "",
        principalId: row.principalId,
        directoryScopeId: row.directoryScopeId,
        memberType: row.memberType,
        until: row.endsAt ?? null,
      })),
    } satisfies z.input<typeof eligibilityList>);
  });

/** `POST /api/eligibility`: asks for somebody to become eligible, to stay it, or not to be it any more; for owners and the identity team. */
export const changeEligibility =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { caller } = calling;
    const { governance } = door.policies.policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    const mayAsk =
      (await isIdentityTeam(door, caller.person)) || (await sourcesInclude(door, governance.owners, caller.person));
    if (!mayAsk) return refuseAtDoor(door, caller.account, refusal("NotOwner"));
    const read = await readJson(request, eligibilityBody);
    if ("answer" in read) return refuseAtDoor(door, caller.account, { reason: "InvalidRequest" }, read.answer);
    const item = itemOf(door, read.body);
    if ("reason" in item) return refuseAtDoor(door, caller.account, item);
    const { action, because } = read.body;
    const change = await askChange(door, context, caller, {
      because,
      body: { kind: "eligibility", action },
      items: [item],
    });
    const record = await door.changes.load(change.id);
    if (!record) throw new Error("the change is not there");
    const page = door.links.changePage(change.id);
    return json(202, viewOfChange(record, door.policies.people, page), { location: `/api/changes/${change.id}` });
  };

/** What the body names, as ids; whether it may be done is the worker's to say. */
function itemOf({ policies }: Door, body: z.output<typeof eligibilityBody>): ChangeItem | Refusal {
  const { policy, people } = policies;
  const account = parsePrincipalId(body.holder);
  const person = account ? people.byAccount(account) : people.byKey(body.holder);
  const principalId = account ?? (person?.adminAccounts.length === 1 ? person.adminAccounts[0] : undefined);
  if (!principalId)
    return refusal(
      "PersonUnknown",
      person ? "the person has several admin accounts: name one by its object id" : body.holder,
    );
  const id = parseRoleDefinitionId(body.role);
  const role = policy.roles.find(
    ({ name, roleDefinitionId }) => roleDefinitionId === id || name.toLowerCase() === body.role.toLowerCase(),
  );
  if (!role) return refusal("RoleNotAllowed", body.role);
  const directoryScopeId = parseDirectoryScopeId(body.scope);
  if (!directoryScopeId) return refusal("RoleNotAllowed", body.scope);
  return {
    action: "grant",
    principalId,
    roleDefinitionId: role.roleDefinitionId,
    directoryScopeId,
    role: role.name,
    holder: person?.name ?? principalId,
    person: person?.key ?? "",
    eligibleForMs: parseDuration(body.duration ?? "") ?? 0,
    madeEligible: false,
  };
}
