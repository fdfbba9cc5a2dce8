import * as z from "zod";
import { PLAN_REASONS, type PlanReason } from "../domain/standing-plan.ts";

const text = z.string().max(1_000);
const instant = z.iso.datetime("must be a time such as 2026-03-02T09:00:00.000Z");
const hash = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits");
const count = z.int().min(0);
const GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const principalId = z.string().regex(new RegExp(`^${GUID}$`), "must be an object id in lower case");
const roleDefinitionId = z.string().regex(new RegExp(`^${GUID}$`), "must be the id of a role in lower case");
const directoryScopeId = z
  .string()
  .regex(new RegExp(`^/(administrativeUnits/)?(${GUID})?$`), "must be /, /administrativeUnits/<id> or /<id>");

const rolePosture = z.strictObject({
  roleDefinitionId,
  role: text,
  risk: count,
  builtIn: z.boolean(),
  brokered: z.boolean(),
  standing: count,
  eligible: count,
  activeNow: count,
  timeBoundOutside: count,
});
const holding = {
  role: text,
  holder: text,
  principalId,
  how: z.enum(["standing", "active", "eligible"]),
};

const application = z.object({
  name: text,
  principalId,
  own: z.boolean(),
  enabled: z.boolean(),
  permissions: z.array(text),
  roles: z.array(text),
  owners: z.array(text),
  /** Of its app registration in this tenant, who are not among the owners. */
  registrationOwners: z.array(text),
  moreOwners: z.boolean(),
});

const delegatedGrant = z.object({
  name: text,
  principalId,
  own: z.boolean(),
  enabled: z.boolean(),
  permissions: z.array(text),
  /** `null`: everybody who signs in to it. */
  person: text.nullable(),
});

/** `GET /api/standing`: how every role is held, counted, and whom a count of persons leaves out. */
export const postureView = z.object({
  tenantId: text,
  readAt: instant,
  policyHash: hash,
  roles: z.array(rolePosture),
  groups: z.array(
    z.object({ ...holding, members: z.array(text), owners: z.array(text), eligible: z.array(text).nullable() }),
  ),
  servicePrincipals: z.array(z.object(holding)),
  /** `read: false`: this system may not read them, so nothing is known. */
  applications: z.discriminatedUnion("read", [
    z.object({ read: z.literal(true), items: z.array(application) }),
    z.object({ read: z.literal(false) }),
  ]),
  /** Delegated tier-0 permissions; `read: false` as above. */
  delegated: z.discriminatedUnion("read", [
    z.object({ read: z.literal(true), items: z.array(delegatedGrant) }),
    z.object({ read: z.literal(false) }),
  ]),
  guests: z.array(z.object(holding)),
  ownIdentities: z.array(z.object(holding)),
  exceptions: z.array(
    z.object({
      role: text,
      holder: text,
      owner: text,
      until: instant,
      because: text,
      stands: z.boolean(),
      inForce: z.boolean(),
    }),
  ),
});

export type PostureView = z.infer<typeof postureView>;

const planItem = z.strictObject({
  action: z.enum(["convert", "left", "blocked"]),
  wave: z.int().min(1).max(4),
  risk: count,
  role: text,
  holder: text,
  person: text,
  reason: z.enum(Object.keys(PLAN_REASONS) as [PlanReason, ...PlanReason[]], "is none of the reasons"),
  explanation: text,
  detail: text,
  principalId,
  roleDefinitionId,
  directoryScopeId,
  eligible: z.boolean(),
  /** ISO 8601; `""` where no eligibility is made. */
  eligibleFor: z.string().regex(/^(P\d+D)?$/, "must be a number of days, such as P365D"),
});

/** What is done about everything that stands: made by the service, read by people, given back to be applied. */
export const standingPlanView = z.strictObject({
  version: z.literal(1, "must be 1"),
  /** Digest of everything else: a plan that was changed by hand is not a plan any more. */
  id: hash,
  tenantId: text,
  policyHash: hash,
  takenAt: instant,
  preflight: z.array(
    z.strictObject({
      check: z.enum(["breakGlassStand", "globalAdministratorsStay", "licence", "permissions"]),
      ok: z.boolean(),
      text,
    }),
  ),
  /** How every role was held when the plan was made: the "before" of a report. */
  roles: z.array(rolePosture),
  items: z.array(planItem).max(20_000),
});

export type StandingPlanView = z.infer<typeof standingPlanView>;
export type PlanItemView = StandingPlanView["items"][number];
