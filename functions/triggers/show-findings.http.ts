import type { z } from "zod";
import type { baselineView, findingList } from "../../shared/contracts/finding.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { readContextGaps } from "../policy/context-gaps.ts";
import { readDoorGaps } from "../policy/door-gaps.ts";
import { baselineDifferences } from "../../shared/domain/baseline.ts";

/** `GET /api/findings`: what was found and is not gone yet. Changes nothing; identity team only. */
export const showFindings = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const open = (await door.findings.open()).toSorted(
      (a, b) => a.since.localeCompare(b.since) || a.id.localeCompare(b.id),
    );
    const findings = open.map(({ id, kind, text, since }) => ({ id, kind, text, since }));
    return json(200, { findings } satisfies z.input<typeof findingList>);
  });

/** `GET /api/baseline`: where the settings of roles in PIM and Conditional Access differ from the policy, now. Changes nothing; identity team only. */
export const showBaseline = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const { policy } = door.policies;
    const { governance } = policy;
    if (!governance) return problem("NotConfigured", "The policy has no section `governance`.");
    const [settings, gaps, doorGaps] = await Promise.all([
      door.posture.roleSettings(),
      readContextGaps(door),
      readDoorGaps(door),
    ]);
    const differences = policy.roles.flatMap((role) =>
      baselineDifferences(role, settings.get(role.roleDefinitionId)?.rules ?? [], governance),
    );
    const view = {
      roles: policy.roles.length,
      differences,
      nativeDoor: doorGaps.map(({ text }) => text),
      conditionalAccess: gaps.map(({ text }) => text),
    };
    return json(200, view satisfies z.input<typeof baselineView>);
  });
