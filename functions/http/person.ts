import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { Door } from "../door.ts";
import { problem, refusalProblem } from "./problem.ts";

/** A person who calls, by the account of a verified token. */
export interface CallingPerson {
  readonly person: Person;
  readonly account: PrincipalId;
}

/** Who calls; or the answer for callers that are nobody. Only enabled members of the home tenant are somebody. */
export async function callingPerson(
  door: Door,
  request: HttpRequest,
): Promise<{ readonly caller: CallingPerson } | { readonly answer: HttpResponseInit }> {
  const verified = await door.callers.verify(request.headers.get("authorization"));
  if ("problem" in verified) {
    door.log("warn", "token refused", { problem: verified.problem });
    if (mayWrite(request)) await door.noise.note(request, "api");
    return { answer: problem("Unauthenticated") };
  }
  const { account } = verified.caller;
  const person = door.policies.people.byAccount(account);
  if (!person) return { answer: await refuse(door, request, account, refusal("PersonUnknown")) };
  const known = await door.directory.account(account);
  return known?.enabled === true && known.userType === "Member"
    ? { caller: { person, account } }
    : { answer: await refuse(door, request, account, refusal("PrincipalNotAllowed")) };
}

/** A GET changes nothing, not even the audit trail (I11): its refusals are in the log only. */
const mayWrite = (request: HttpRequest): boolean => request.method !== "GET" && request.method !== "HEAD";

const refuse = async (
  door: Door,
  request: HttpRequest,
  account: PrincipalId,
  refused: Refusal,
): Promise<HttpResponseInit> => (mayWrite(request) ? refuseAtDoor(door, account, refused) : refusalProblem(refused));

/** A refusal of an authenticated caller: answered with its reason, and written down. */
export async function refuseAtDoor(
  { audit, clock }: Pick<Door, "audit" | "clock">,
  account: PrincipalId,
  refused: Refusal | { readonly reason: "InvalidRequest" | "Forbidden" | "NotFound"; readonly detail?: string },
  answer?: HttpResponseInit,
): Promise<HttpResponseInit> {
  const at = clock.now();
  const key = sha256Hex(`${at} ${account} ${refused.reason} ${crypto.randomUUID()}`).slice(0, 32);
  await audit.append(`door-${at.slice(0, 10)}`, key, {
    type: "RequestRefusedAtDoor",
    at,
    actor: { kind: "system", part: "front" },
    data: { account, reason: refused.reason },
  });
  if (answer) return answer;
  const { reason } = refused;
  return reason === "InvalidRequest" || reason === "Forbidden" || reason === "NotFound"
    ? problem(reason, refused.detail)
    : refusalProblem(refused as Refusal);
}

/** Whether the person is in the identity team, as the directory has it now. */
export async function isIdentityTeam(
  { directory, policies }: Pick<Door, "directory" | "policies">,
  person: Person,
): Promise<boolean> {
  const group = await directory.group(policies.policy.identityTeamGroup);
  const accounts = [person.dailyAccount, ...person.adminAccounts];
  return group !== undefined && group.members.some((member) => accounts.includes(member));
}
