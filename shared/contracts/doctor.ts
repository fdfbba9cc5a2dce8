import * as z from "zod";

const text = z.string().max(4_000);
/** A permission of Microsoft Graph, or its id. It goes into commands: nothing that a shell would obey. */
export const permissionName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{2,99}$/, "is not the name of a permission");
const result = z.object({
  check: text,
  result: z.enum(["fine", "warning", "fault"]),
  text,
  next: text,
});

/** What a part of the app knows of itself. Kept by the part, shown by the front. */
export const partReport = z.object({
  part: z.enum(["all", "front", "worker", "sweeper"]),
  at: z.iso.datetime(),
  /** As the identity provider named it; `null`: it got no token. */
  identity: z
    .object({
      principalId: text,
      clientId: text,
      tenantId: text,
      /** Application permissions of Microsoft Graph in its token, which is up to a day old. */
      inToken: z.array(permissionName),
      /** The same as the directory has them; left out where the identity may not read them. */
      granted: z.array(permissionName).optional(),
    })
    .nullable(),
  results: z.array(result),
});

const principal = z.object({ principalId: text, name: text, kind: text });

/** `GET /api/doctor`: what every part found about itself, and who can take over its identities through the directory. */
export const doctorView = z.object({
  tenantId: text,
  policyHash: text,
  mode: z.enum(["enforce", "observe"]),
  /** The policy holds access reviews in Entra. */
  reviewsInEntra: z.boolean().default(false),
  at: z.iso.datetime(),
  parts: z.array(partReport),
  /** `null`: the directory could not be read; a result says why. */
  administrators: z
    .array(
      principal.extend({
        can: text,
        /** Only after an activation. */
        eligible: z.boolean().default(false),
        /** The policy calls it an identity of this system. */
        own: z.boolean().default(false),
      }),
    )
    .nullable(),
});

/** `GET /api/doctor/principals`: who is behind object ids that Azure knows by nothing else. */
export const principalList = z.object({
  principals: z.array(
    principal.extend({
      /** Whoever may act as it: members and owners of a group, owners of an application. */
      behind: z.array(
        principal.extend({
          as: z.enum(["member", "owner"]),
          /** Has to activate that first. */
          eligible: z.boolean().default(false),
        }),
      ),
      /** Not everybody behind it could be read. */
      more: z.boolean(),
      /** Of a group: who can activate membership could not be read. */
      eligibleUnread: z.boolean().default(false),
      /** Of a group: whoever may change groups can put himself in, or a rule decides who is in it. */
      open: z.boolean().default(false),
      /** Of an application: how anybody signs in as it; never a secret itself. */
      credentials: z
        .array(
          z.object({
            kind: z.enum(["secret", "certificate", "federated"]),
            name: text,
            endsAt: z.iso.datetime().optional(),
            issuer: text.optional(),
            subject: text.optional(),
          }),
        )
        .default([]),
      /** Of a user-assigned managed identity: its resource in Azure. */
      resourceId: text.optional(),
    }),
  ),
});

export type DoctorView = z.infer<typeof doctorView>;
export type PartReport = z.infer<typeof partReport>;
export type PrincipalList = z.infer<typeof principalList>;
