import type { Credential } from "./application-credentials.ts";
import { fault, fine, warning, type CheckResult } from "./doctor.ts";

/** What of an app registration decides who can act as it, or get what is meant for it. */
export interface RegistrationFacts {
  readonly name: string;
  readonly credentials: readonly Credential[];
  readonly redirectUris: readonly string[];
  readonly implicit: boolean;
}

/** @param redirectUri where the app takes answers to sign-ins; answers must go nowhere else */
export function judgeSignInRegistration(
  { name, credentials, redirectUris, implicit }: RegistrationFacts,
  redirectUri: string,
): readonly CheckResult[] {
  const secrets = credentials.filter(({ kind }) => kind === "secret");
  const faults = [
    ...credentials.filter(({ kind }) => kind !== "secret").map((one) => strange(name, one)),
    ...redirectUris
      .filter((uri) => uri !== redirectUri)
      .map((uri) =>
        fault(
          "registrations",
          `Sign-ins of ${name} are also answered to ${uri}: whoever is there gets proofs of who signed in.`,
          `Take that redirect URI away from the app registration ${name}: it needs ${redirectUri} and no other.`,
        ),
      ),
    ...(implicit
      ? [
          fault(
            "registrations",
            `${name} gives tokens out without a code (implicit grant).`,
            `Turn both implicit grants off in the app registration ${name} (Authentication).`,
          ),
        ]
      : []),
    ...(secrets.length > 1
      ? [
          warning(
            "registrations",
            `${name} has ${secrets.length} client secrets: whoever knows one acts as it.`,
            `Once SIGN_IN_CLIENT_SECRET holds the new one, remove the others from the app registration ${name}.`,
          ),
        ]
      : []),
  ];
  return faults.length > 0 ? faults : [fine("registrations", `${name} answers to the app alone, by one secret.`)];
}

/** The API signs in nowhere: it has nothing to sign in with. @param registration `undefined`: the directory has none */
export function judgeApiRegistration(registration: RegistrationFacts | undefined): readonly CheckResult[] {
  if (!registration)
    return [
      warning(
        "registrations",
        "The app registration of the API was not looked at: the directory has none with the id API_AUDIENCE.",
        "Correct the setting.",
      ),
    ];
  const { name, credentials } = registration;
  if (credentials.length === 0) return [fine("registrations", `Nobody can sign in as ${name}.`)];
  return credentials.map((one) => strange(name, one));
}

const strange = (name: string, { kind, name: key, issuer, subject }: Credential): CheckResult =>
  fault(
    "registrations",
    kind === "federated"
      ? `${name} is signed in as by whoever ${issuer ?? "an issuer"} calls ${subject ?? "by an expression"} (${key}).`
      : `${name} is signed in as by whoever knows its ${kind} ${key}.`,
    `Remove it from the app registration ${name} (Certificates & secrets): this system does not use it.`,
  );
