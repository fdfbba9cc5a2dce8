import type { PostureView } from "../../shared/contracts/standing.ts";
import { reportPosture } from "../../shared/domain/posture-report.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import { holdersOf, isTimeBound, type GroupEligible } from "../../shared/domain/posture.ts";
import { isHeldByActivation } from "../activation/held-by-activation.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { makePlan } from "../standing/make-plan.ts";
import { readPosture } from "../standing/read-posture.ts";

/** `GET /api/standing`: how every role is held now. Changes nothing; identity team only. */
export const showStanding = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const posture = await readPosture(door);
    const ours = new Set<string>();
    for (const row of posture.active.filter(isTimeBound))
      if (await isHeldByActivation(door, row)) ours.add(row.scheduleId);
    const groupEligibilities = new Map<PrincipalId, readonly GroupEligible[]>();
    for (const id of posture.groups.keys()) {
      const eligible = await door.posture.groupEligibilities(id);
      if (eligible) groupEligibilities.set(id, eligible);
    }
    const applications = await door.posture.applications(holdersOf(posture));
    const delegated = await door.posture.delegatedGrants();
    const { policy, people } = door.policies;
    return json(
      200,
      reportPosture(posture, { policy, people, ours, groupEligibilities, applications, delegated }) satisfies Readonly<
        Record<keyof PostureView, unknown>
      >,
    );
  });

/** `GET /api/standing/plan`: what would be done about everything that stands. Changes nothing; identity team only. */
export const planStanding = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const { policy } = door.policies;
    const { governance } = policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    return json(200, await makePlan(door, { ...policy, governance }));
  });
