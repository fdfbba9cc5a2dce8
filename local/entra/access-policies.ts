import { ACCOUNTS } from "../seed.ts";
import type { Entity } from "./facts.ts";

/** The policy behind the authentication context `c1`, as a careful tenant has it. */
export const SEED_ACCESS_POLICY: Entity & { readonly id: string } = {
  id: "ca000000-0000-4000-8000-000000000001",
  displayName: "Privileged access: fresh, phishing-resistant sign-in",
  state: "enabled",
  conditions: {
    clientAppTypes: ["all"],
    signInRiskLevels: [],
    userRiskLevels: [],
    platforms: null,
    locations: null,
    devices: null,
    applications: {
      includeApplications: [],
      excludeApplications: [],
      includeUserActions: [],
      includeAuthenticationContextClassReferences: ["c1"],
    },
    users: {
      includeUsers: ["All"],
      excludeUsers: [ACCOUNTS.breakGlass1, ACCOUNTS.breakGlass2],
      includeGroups: [],
      excludeGroups: [],
      includeRoles: [],
      excludeRoles: [],
    },
  },
  grantControls: {
    operator: "OR",
    builtInControls: [],
    customAuthenticationFactors: [],
    termsOfUse: [],
    authenticationStrength: {
      id: "00000000-0000-0000-0000-000000000004",
      displayName: "Phishing-resistant MFA",
      policyType: "builtIn",
      requirementsSatisfied: "mfa",
      allowedCombinations: ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    },
  },
  sessionControls: {
    applicationEnforcedRestrictions: null,
    cloudAppSecurity: null,
    persistentBrowser: null,
    signInFrequency: {
      isEnabled: true,
      frequencyInterval: "everyTime",
      type: null,
      value: null,
      authenticationType: "primaryAndSecondaryAuthentication",
    },
  },
};
