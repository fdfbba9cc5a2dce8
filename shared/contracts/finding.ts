import * as z from "zod";

/** `GET /api/findings`. */
export const findingList = z.object({
  findings: z.array(
    z.object({
      id: z.string(),
      kind: z.enum([
        "setting",
        "standing",
        "endlessEligibility",
        "breakGlassSignIn",
        "nativeActivation",
        "conditionalAccess",
        "foreignAssignment",
      ]),
      text: z.string(),
      since: z.iso.datetime(),
    }),
  ),
});

/** `GET /api/baseline`: the differences, rule by rule. */
export const baselineView = z.object({
  /** How many roles were compared. */
  roles: z.int(),
  differences: z.array(
    z.object({
      roleDefinitionId: z.string(),
      role: z.string(),
      rule: z.string(),
      wanted: z.string(),
      found: z.string(),
    }),
  ),
  /** What is wrong with the group of the native door. */
  nativeDoor: z.array(z.string()),
  /** Where Conditional Access behind the roles' authentication contexts falls short, or that nobody could look. */
  conditionalAccess: z.array(z.string()),
});
