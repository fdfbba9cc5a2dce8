import type { z } from "zod";
import { eligibilityBody, type eligibilityList } from "../../shared/contracts/change.ts";
import { refusal } from "../../shared/domain/reasons.ts";
import { answerAsked } from "../changes/answer-asked.ts";
import type { Door } from "../door.ts";
import { askedItem, mayAskForEligibility } from "../eligibility/asked-item.ts";
import { readEligibilities } from "../eligibility/read-eligibilities.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json, readJson } from "../http/json.ts";
import { callingPerson, refuseAtDoor } from "../http/person.ts";
import { problem } from "../http/problem.ts";

/** `GET /api/eligibility`: who may activate what, until when. Changes nothing; identity team only. */
export const listEligibility = (door: Door): Handler =>
  forIdentityTeam(door, async () =>
    json(200, {
      readAt: door.clock.now(),
      eligibilities: [...(await readEligibilities(door))],
    } satisfies z.input<typeof eligibilityList>),
  );

/** `POST /api/eligibility`: asks for somebody to become eligible, to stay it, or not to be it any more; for owners and the identity team. */
export const changeEligibility =
  (door: Door): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { caller } = calling;
    const { governance } = door.policies.policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    if (!(await mayAskForEligibility(door, caller.person)))
      return refuseAtDoor(door, caller.account, refusal("NotOwner"));
    const read = await readJson(request, eligibilityBody);
    if ("answer" in read) return refuseAtDoor(door, caller.account, { reason: "InvalidRequest" }, read.answer);
    const item = askedItem(door, read.body);
    if ("reason" in item) return refuseAtDoor(door, caller.account, item);
    const { action, because } = read.body;
    return answerAsked(door, context, caller, {
      because,
      body: { kind: "eligibility", action },
      items: [item],
    });
  };
