import type { HttpResponseInit } from "@azure/functions";
import type { z } from "zod";
import type { doctorView, principalList } from "../../shared/contracts/doctor.ts";
import { fault, lengthText, type CheckResult } from "../../shared/domain/doctor.ts";
import { parsePrincipalId } from "../../shared/domain/ids.ts";
import type { Principal } from "../../shared/domain/posture.ts";
import { HOUR_MS, msOf, type Instant } from "../../shared/domain/time.ts";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { OwnIdentity } from "../../shared/ports/doctor.ts";
import type { SelfReport } from "../../shared/ports/self-reports.ts";
import { examine, type Examiner } from "../doctor/examine.ts";
import { readTakeOver, type Administrator } from "../doctor/take-over.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";

/** What the doctor's doors work with. */
export interface DoctorDoor extends Door {
  readonly examiner: Examiner;
  readonly clientIds: readonly string[];
}

const REPORT_LIFE_MS = 2 * HOUR_MS;
const MOST_IDS = 200;

/**
 * `GET /api/doctor`: what this part finds about itself now, what the others last found, and who can take over our
 * identities through the directory. Changes nothing; identity team only. Where our identity may not read who is in the
 * team, a person of the policy is told which permissions the identities have, so that what is missing can be granted; no more.
 */
export const showDoctor = (door: DoctorDoor): Handler => {
  const asked = forIdentityTeam(door, () => answer(door));
  return async (request, context) => {
    try {
      return await asked(request, context);
    } catch (error) {
      if (!isMisconfigured(error)) throw error;
      const verified = await door.callers.verify(request.headers.get("authorization"));
      const isPerson = "caller" in verified && door.policies.people.byAccount(verified.caller.account) !== undefined;
      return isPerson ? onlyIdentity(door, error) : problem("Unavailable");
    }
  };
};

const isMisconfigured = (error: unknown): error is DependencyError =>
  error instanceof DependencyError && error.code === "Misconfigured";

type View = z.input<typeof doctorView>;

async function answer(door: DoctorDoor): Promise<HttpResponseInit> {
  const own = await examine(door.examiner);
  const others = await otherParts(door, own.at);
  const takeOver = await administratorsOf(door);
  const results = [...own.results, ...takeOver.results];
  return view(door, [{ ...own, results }, ...others], takeOver.administrators);
}

const view = (
  { policies, examiner }: DoctorDoor,
  parts: readonly SelfReport[],
  administrators: readonly Administrator[] | null,
): HttpResponseInit =>
  json(200, {
    tenantId: policies.policy.tenantId,
    policyHash: policies.policy.hash,
    mode: policies.policy.mode,
    reviewsInEntra: policies.policy.governance?.reviews?.where === "entra",
    at: examiner.clock.now(),
    parts: parts.map(({ identity, results, ...rest }) => ({
      ...rest,
      identity: identity && shownIdentity(identity),
      results: [...results],
    })),
    administrators: administrators && [...administrators],
  } satisfies View);

const shownIdentity = ({ inToken, granted, ...rest }: OwnIdentity) => ({
  ...rest,
  inToken: [...inToken],
  ...(granted && { granted: [...granted] }),
});

async function onlyIdentity(door: DoctorDoor, cause: DependencyError): Promise<HttpResponseInit> {
  const { self, part, clock } = door.examiner;
  const identity = await self.identity().catch(() => null);
  const results: readonly CheckResult[] = [
    fault(
      "permissions",
      `Who is in the identity team cannot be read (${cause.message}): nothing else is shown before it can.`,
      "Grant what is missing below, then ask again.",
    ),
  ];
  const kept = part === "all" ? [] : await door.examiner.reports.kept().catch(() => []);
  const others = kept.map((report) => ({ ...report, results: [] }));
  return view(door, [{ part, at: clock.now(), identity, results }, ...others], null);
}

const SEE_PERMISSIONS = "See permissions, then ask again.";

async function administratorsOf(door: DoctorDoor): Promise<{
  readonly administrators: readonly Administrator[] | null;
  readonly results: readonly CheckResult[];
}> {
  try {
    const { self } = door.examiner;
    const { administrators, unread } = await readTakeOver({ ...door, self, clientIds: door.clientIds });
    return { administrators, results: unread.map((text) => fault("administrators", text, SEE_PERMISSIONS)) };
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    const text = `Who can take over the apps through the directory cannot be read: ${error.message}.`;
    return { administrators: null, results: [fault("administrators", text, SEE_PERMISSIONS)] };
  }
}

/** What the other parts said last; a part that is silent is a fault of its own. */
async function otherParts({ examiner }: DoctorDoor, now: Instant): Promise<readonly SelfReport[]> {
  if (examiner.part === "all") return [];
  const kept = await examiner.reports.kept().catch(() => []);
  return (["worker", "sweeper"] as const).map((part) => {
    const report = kept.find((one) => one.part === part);
    const age = report && msOf(now) - msOf(report.at);
    if (report && age !== undefined && age <= REPORT_LIFE_MS) return report;
    const text = age === undefined ? "has never said anything" : `said nothing for ${lengthText(age)}`;
    const silent = fault(
      "report",
      `The ${part} ${text} about itself.`,
      `Look whether the ${part}'s app runs, and into its log.`,
    );
    return {
      part,
      at: report?.at ?? now,
      identity: report?.identity ?? null,
      results: [silent, ...(report?.results ?? [])],
    };
  });
}

/** `GET /api/doctor/principals?ids=…`: names of object ids, and who is behind groups and applications. Changes nothing. */
export const showPrincipals = (door: DoctorDoor): Handler =>
  forIdentityTeam(door, async (request) => {
    const texts = (request.query.get("ids") ?? "").split(",").filter((text) => text !== "");
    const ids = texts.flatMap((text) => parsePrincipalId(text) ?? []);
    if (ids.length < texts.length || ids.length === 0 || ids.length > MOST_IDS)
      return problem("InvalidRequest", `ids must be 1 to ${MOST_IDS} object ids with commas between them`);
    const shown = ({ id, kind, name }: Principal) => ({
      principalId: id,
      kind,
      name: door.policies.people.byAccount(id)?.name ?? (name || id),
    });
    const found = await door.examiner.self.principals(ids);
    return json(200, {
      principals: found.map(({ principal, behind, credentials, ...rest }) => ({
        ...shown(principal),
        credentials: [...credentials],
        behind: behind.map(({ principal: one, ...how }) => ({ ...shown(one), ...how })),
        ...rest,
      })),
    } satisfies z.input<typeof principalList>);
  });
