import type { Credential } from "../../shared/domain/application-credentials.ts";
import { fault, fine, warning, type CheckResult } from "../../shared/domain/doctor.ts";
import type { PermissionsFile } from "./permissions-file.ts";
import type { KnownPrincipal } from "./principals.ts";

/** An application that can take over the apps, and how anybody signs in as it. */
export interface SignsIn extends Pick<KnownPrincipal, "principalId" | "name"> {
  readonly credentials: readonly Credential[];
  /** `undefined`: all were looked at. */
  readonly unread?: string | undefined;
}

type Entry = PermissionsFile["administrators"][number];

/** Whether the file lists this way to sign in as somebody. */
export const listsCredential = ({ administrators }: PermissionsFile, principalId: string, one: Credential): boolean =>
  administrators
    .filter(({ principal }) => principal === principalId.toLowerCase())
    .some(({ signsInBy }) => (signsInBy ?? []).some((listed) => covers(listed, one)));

/** Every way to sign in as one of them that the file does not list. Pure. */
export function judgeCredentials(applications: readonly SignsIn[], file: PermissionsFile): readonly CheckResult[] {
  const results = applications.flatMap((application) => judgeOne(application, file));
  if (results.length > 0 || applications.length === 0) return results;
  const who = applications.length === 1 ? "the application" : `the ${applications.length} applications`;
  return [fine("credentials", `All ways to sign in as ${who} among them are listed.`)];
}

function judgeOne({ principalId, name, credentials, unread }: SignsIn, file: PermissionsFile): readonly CheckResult[] {
  const who = `${name} (${principalId})`;
  const strange = credentials.filter((one) => !listsCredential(file, principalId, one));
  return [
    ...(unread === undefined ? [] : [warning("credentials", `How to sign in as ${who} ${unread}`, LOOK)]),
    ...strange.map((one) =>
      fault(
        "credentials",
        `${who} is signed in as by ${inWords(one)}, which infra/permissions.yaml does not list.`,
        `Remove it in Entra (${WHERE[one.kind]} of ${name}); or list it under signsInBy of ${principalId}.`,
      ),
    ),
  ];
}

const LOOK = "Look at its federated credentials by hand, or ask again with AZURE_ACCESS_TOKEN of a Reader there.";
const WHERE = {
  secret: "client secrets",
  certificate: "certificates",
  federated: "federated credentials",
} as const;

const covers = (listed: NonNullable<Entry["signsInBy"]>[number], one: Credential): boolean =>
  "credential" in listed
    ? listed.credential === one.kind
    : one.kind === "federated" && listed.issuer === one.issuer && listed.subject === one.subject;

function inWords({ kind, name, endsAt, issuer, subject }: Credential): string {
  if (kind === "federated") return `whoever ${issuer ?? "an issuer"} calls ${subject ?? "by an expression"} (${name})`;
  return `whoever knows its ${kind} ${name}${endsAt === undefined ? "" : ` (until ${endsAt.slice(0, 10)})`}`;
}
