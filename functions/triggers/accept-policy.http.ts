import type { z } from "zod";
import { acceptPolicyBody, type policyView } from "../../shared/contracts/change.ts";
import { policyDifferences, type StatedPolicy } from "../../shared/domain/policy-change.ts";
import { policyGains } from "../../shared/domain/policy-gains.ts";
import { answerAsked } from "../changes/answer-asked.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { refuseAtDoor } from "../http/person.ts";
import { gainWords } from "../policy/gain-words.ts";

/** `GET /api/policy`: which policy the service runs, whether it is accepted, and what it changes. Changes nothing. */
export const showPolicy = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const { hash, ...policy } = door.policies.policy;
    const rows = (await door.accepted.list()).flatMap(({ body }) => readStated(body) ?? []);
    const last = rows.toSorted((a, b) => b.at.localeCompare(a.at))[0];
    const accepted = rows.some((one) => one.hash === hash);
    const stated: StatedPolicy = { policy, persons: door.policies.people.all() };
    const before = accepted ? undefined : last;
    const gains = before ? [...(await gainWords(door, policyGains(before, stated), stated))] : [];
    const differences = before ? [...policyDifferences(before, stated)] : [];
    const view = { hash, accepted, first: !last, gains, differences };
    return json(200, view satisfies z.input<typeof policyView>);
  });

/** `POST /api/policy/accept`: asks for the policy that the service runs to take effect; a second person decides. Identity team only. */
export const acceptPolicy = (door: Door): Handler =>
  forIdentityTeam(door, async (request, caller, context) => {
    const read = await readJson(request, acceptPolicyBody);
    if ("answer" in read) return refuseAtDoor(door, caller.account, { reason: "InvalidRequest" }, read.answer);
    const body = { kind: "policy", hash: door.policies.policy.hash } as const;
    return answerAsked(door, context, caller, { because: read.body.because, body, items: [] });
  });

function readStated(body: string): (StatedPolicy & { readonly hash: string; readonly at: string }) | undefined {
  try {
    return JSON.parse(body) as StatedPolicy & { readonly hash: string; readonly at: string };
  } catch {
    return undefined; // no JSON: somebody else's row
  }
}
