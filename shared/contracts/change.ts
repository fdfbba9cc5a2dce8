import * as z from "zod";
import { parseDirectoryScopeId } from "../domain/ids.ts";
import { parseDuration } from "../domain/time.ts";
import { plainText } from "./plain-text.ts";
import { standingPlanView } from "./standing.ts";

/** A change of eligibility or standing access as it is now. */
export const changeView = z.object({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  kind: z.enum(["wave", "rollback", "eligibility", "settings", "policy", "review", "campaign"]),
  status: z.enum([
    "Requested",
    "AwaitingConfirmation",
    "AwaitingApproval",
    "AwaitingReview",
    "Working",
    "Done",
    "Refused",
    "Denied",
    "Expired",
    "Stopped",
  ]),
  askedBy: z.string(),
  askedAt: z.iso.datetime(),
  because: z.string(),
  /** What is asked, in words. */
  words: z.array(z.string()),
  /** Names of those who have to act now. */
  waitsFor: z.array(z.string()),
  until: z.iso.datetime().nullable(),
  /** While it is worked: not looked at again before. */
  notBefore: z.iso.datetime().nullable(),
  done: z.int(),
  total: z.int(),
  closing: z
    .object({
      reason: z.string().nullable(),
      text: z.string(),
      detail: z.string().nullable(),
      by: z.string().nullable(),
    })
    .nullable(),
  page: z.string(),
});

export type ChangeView = z.infer<typeof changeView>;

const because = plainText(5, 500);
const execute = z.boolean("must be true or false");

/** `POST /api/standing/waves`: works one wave of a plan, or takes it back; without `execute` it only says what would be done. */
export const waveBody = z.strictObject({
  action: z.enum(["apply", "rollback"]),
  wave: z.int().min(1).max(4),
  because,
  execute,
  plan: standingPlanView,
});

/** What a wave would do. */
export const wavePreview = z.object({
  dryRun: z.literal(true),
  action: z.enum(["apply", "rollback"]),
  wave: z.int(),
  needsSecondPerson: z.boolean(),
  items: z.array(
    z.object({ role: z.string(), holder: z.string(), principalId: z.string(), directoryScopeId: z.string() }),
  ),
  /** Way back: how many of them stand permanently again; the others only lose the eligibility that the wave made. */
  again: z.int().default(0),
  /** What the wave changed and is left as it is, with the reason. */
  leftOut: z.array(z.string()).default([]),
});

/** `POST /api/baseline/changes`: sets role settings, or says what would be set. */
export const settingsBody = z.strictObject({
  action: z.enum(["apply", "undo", "nativeOpen", "nativeClose"]),
  /** Of `undo`: the change whose rules are set back. */
  change: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "must be 32 hexadecimal digits")
    .optional(),
  because,
  execute,
});

/** What would be set. */
export const settingsPreview = z.object({
  dryRun: z.literal(true),
  action: z.enum(["apply", "undo", "nativeOpen", "nativeClose"]),
  rules: z.array(
    z.object({
      role: z.string(),
      rule: z.string(),
      /** What becomes of it, in words. */
      text: z.string(),
    }),
  ),
  /** Of `undo`: what stays because somebody else changed it since, in words. */
  left: z.array(z.string()),
});

/** `POST /api/policy/accept`. */
export const acceptPolicyBody = z.strictObject({ because });

/** `GET /api/policy`. */
export const policyView = z.object({
  hash: z.string(),
  /** Whether it is in force: two persons accepted it. As stored, for the eye only. */
  accepted: z.boolean(),
  /** No policy was ever accepted, as stored: the first accepts itself. */
  first: z.boolean(),
  /** Who gains what by it. */
  gains: z.array(z.string()),
  differences: z.array(z.string()),
});

/** `POST /api/eligibility`. */
export const eligibilityBody = z
  .strictObject({
    action: z.enum(["add", "renew", "remove"]),
    /** Key of the person, or object id of the account. */
    holder: z.string().min(1).max(100),
    /** Name of the role, or its id. */
    role: z.string().min(1).max(100),
    scope: z
      .string()
      .refine((text) => parseDirectoryScopeId(text) !== undefined, "must be /, /administrativeUnits/<id> or /<id>")
      .default("/"),
    /** ISO 8601 in days; not for `remove`. */
    duration: z
      .string()
      .max(20)
      .refine((text) => parseDuration(text) !== undefined, "must be a number of days such as P180D")
      .optional(),
    because,
  })
  .refine(({ action, duration }) => action === "remove" || duration !== undefined, {
    path: ["duration"],
    message: "is missing",
  });

const eligibilityView = z.object({
  role: z.string(),
  roleDefinitionId: z.string(),
  holder: z.string(),
  person: z.string(),
  principalId: z.string(),
  directoryScopeId: z.string(),
  memberType: z.string(),
  /** `null`: without an end. */
  until: z.iso.datetime().nullable(),
});

/** `GET /api/eligibility`: who may activate what. */
export const eligibilityList = z.object({ readAt: z.iso.datetime(), eligibilities: z.array(eligibilityView) });
export type EligibilityView = z.infer<typeof eligibilityView>;
