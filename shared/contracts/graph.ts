import * as z from "zod";

/** What we read of Graph's answers. Answers carry more; what we need must be there. */
const optionalText = z.string().nullish();

export const graphPage = <T extends z.ZodType>(item: T) =>
  z.object({ value: z.array(item), "@odata.nextLink": z.string().optional() });

/** What was asked for together, each part with its own status. */
export const graphBatch = z.object({
  responses: z.array(z.object({ id: z.string(), status: z.number(), body: z.unknown() })),
});

export const graphUser = z.object({ id: z.string(), accountEnabled: z.boolean().nullish(), userType: optionalText });

export const graphGroup = z.object({
  id: z.string(),
  isAssignableToRole: z.boolean().nullish(),
  membershipRule: optionalText,
  groupTypes: z.array(z.string()).nullish(),
  /** By `$expand`, which cuts them off without saying so: enough to know whether there are any. */
  owners: z.array(z.object({ id: z.string() })),
});

export const graphMember = z.object({ id: z.string(), "@odata.type": z.string().optional() });

const scheduleRow = z.object({
  principalId: z.string(),
  roleDefinitionId: z.string(),
  directoryScopeId: z.string(),
  memberType: optionalText,
  startDateTime: optionalText,
  endDateTime: optionalText,
});

export const graphObject = z.object({
  id: z.string(),
  "@odata.type": z.string().optional(),
  displayName: optionalText,
});

export const graphNamedGroup = graphObject.extend({
  isAssignableToRole: z.boolean().nullish(),
  groupTypes: z.array(z.string()).nullish(),
});

/** Who holds the row, where `$expand=principal` was asked for. */
const principal = graphObject.nullish();

export const graphEligibilityInstance = scheduleRow.extend({ principal });

export const graphAssignmentInstance = scheduleRow.extend({
  roleAssignmentScheduleId: z.string(),
  assignmentType: optionalText,
  principal,
});

/** Who can activate membership or ownership of a group, with `$expand=principal`. */
export const graphGroupEligibility = z.object({ principalId: z.string(), accessId: optionalText, principal });

export const graphRoleDefinition = z.object({
  id: z.string(),
  displayName: z.string(),
  isBuiltIn: z.boolean().nullish(),
  rolePermissions: z.array(z.object({ allowedResourceActions: z.array(z.string()).nullish() })).nullish(),
});

export const graphAccount = graphUser.extend({
  displayName: optionalText,
  onPremisesSyncEnabled: z.boolean().nullish(),
});

export const graphAppRoleAssignment = z.object({ appRoleId: z.string(), resourceId: z.string().nullish() });

/** A delegated permission grant. */
export const graphPermissionGrant = z.object({
  clientId: z.string(),
  consentType: optionalText,
  principalId: optionalText,
  resourceId: z.string(),
  scope: optionalText,
});

export const graphNamedApplication = z.object({
  id: z.string(),
  displayName: optionalText,
  accountEnabled: z.boolean().nullish(),
});

/** `$expand=appRoleAssignments` */
export const graphServicePrincipal = z.object({
  id: z.string(),
  appId: optionalText,
  displayName: optionalText,
  accountEnabled: z.boolean().nullish(),
  appRoleAssignments: z.array(graphAppRoleAssignment),
});

const credential = z.object({
  displayName: optionalText,
  hint: optionalText,
  endDateTime: optionalText,
  usage: optionalText,
});
const credentials = z
  .array(credential)
  .nullish()
  .transform((list) => list ?? []);

/** `$expand=owners`, where there can be any. */
export const graphOwnedObject = z.object({
  id: z.string(),
  appId: optionalText,
  displayName: optionalText,
  owners: z.array(graphObject).default([]),
  servicePrincipalType: optionalText,
  alternativeNames: z.array(z.string()).nullish(),
  passwordCredentials: credentials,
  keyCredentials: credentials,
});

/** Whose tokens are taken in place of a secret; `subject` is left out where an expression says it. */
export const graphFederatedCredential = z.object({ name: z.string(), issuer: optionalText, subject: optionalText });

const redirects = z.object({ redirectUris: z.array(z.string()).nullish() });

/** An app registration with `$expand=owners`. */
export const graphRegistration = z.object({
  id: z.string(),
  appId: z.string(),
  displayName: optionalText,
  passwordCredentials: credentials,
  keyCredentials: credentials,
  web: redirects
    .extend({
      implicitGrantSettings: z
        .object({ enableIdTokenIssuance: z.boolean().nullish(), enableAccessTokenIssuance: z.boolean().nullish() })
        .nullish(),
    })
    .nullish(),
  spa: redirects.nullish(),
  publicClient: redirects.nullish(),
  owners: z.array(graphObject),
});

/** A service principal as the API that it stands for. */
export const graphApi = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: optionalText })),
});

/** The rules of one role's settings; only what is read of them. */
export const graphRolePolicy = z.object({
  policyId: z.string(),
  roleDefinitionId: z.string(),
  policy: z.object({ rules: z.array(z.looseObject({ id: z.string() })) }),
});

export const graphScheduleRequest = z.object({
  id: z.string(),
  status: z.string(),
  action: z.string(),
  justification: optionalText,
  targetScheduleId: optionalText,
  createdDateTime: optionalText,
});

/** A request in the list of the whole tenant's: most are nobody's business here, so little must be there. */
export const graphListedRequest = z.object({
  id: z.string(),
  status: optionalText,
  action: optionalText,
  justification: optionalText,
  createdDateTime: optionalText,
  principalId: optionalText,
  roleDefinitionId: optionalText,
  directoryScopeId: optionalText,
  isValidationOnly: z.boolean().nullish(),
  approvalId: optionalText,
  ticketInfo: z.object({ ticketNumber: optionalText, ticketSystem: optionalText }).nullish(),
  scheduleInfo: z
    .object({
      startDateTime: optionalText,
      expiration: z.object({ duration: optionalText, endDateTime: optionalText }).nullish(),
    })
    .nullish(),
});

export const graphSignIn = z.object({ id: z.string(), createdDateTime: z.string() });

export const graphDirectoryAudit = z.object({ activityDisplayName: optionalText, activityDateTime: optionalText });

const texts = z.array(z.string()).nullish();

/** A Conditional Access policy: what is read of it; of conditions, users and controls all, because any may leave sign-ins out. */
export const graphContextPolicy = z.object({
  displayName: optionalText,
  state: optionalText,
  conditions: z.looseObject({
    applications: z.object({ includeAuthenticationContextClassReferences: texts }).nullish(),
    users: z
      .looseObject({
        includeUsers: texts,
        excludeUsers: texts,
        includeGroups: texts,
        excludeGroups: texts,
        excludeRoles: texts,
        excludeGuestsOrExternalUsers: z.object({ guestOrExternalUserTypes: optionalText }).nullish(),
      })
      .nullish(),
  }),
  grantControls: z
    .looseObject({
      operator: optionalText,
      authenticationStrength: z.object({ allowedCombinations: texts }).nullish(),
    })
    .nullish(),
  sessionControls: z
    .object({
      signInFrequency: z
        .object({
          isEnabled: z.boolean().nullish(),
          frequencyInterval: optionalText,
          authenticationType: optionalText,
        })
        .nullish(),
    })
    .nullish(),
});

export const graphSubscription = z.object({
  capabilityStatus: optionalText,
  servicePlans: z.array(z.object({ servicePlanName: optionalText, provisioningStatus: optionalText })).nullish(),
});

export const graphReviewDefinition = z.object({ id: z.string(), displayName: optionalText });

export const graphReviewInstance = z.object({ id: z.string(), status: optionalText });

/** What a reviewer said about one principal; another form of the principal is one that nobody asked about. */
export const graphReviewDecision = z.object({
  decision: optionalText,
  justification: optionalText,
  principal: z.object({ id: optionalText }).nullish(),
  reviewedBy: z.object({ id: optionalText }).nullish(),
  reviewedDateTime: optionalText,
});
