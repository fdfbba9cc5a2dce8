import type { Credential } from "../../shared/domain/application-credentials.ts";
import { warning, type CheckResult } from "../../shared/domain/doctor.ts";
import { parsePrincipalId } from "../../shared/domain/ids.ts";
import type { Api } from "../api/client.ts";
import type { Power } from "./administrators.ts";
import type { SignsIn } from "./credentials.ts";
import { readPrincipals, type KnownPrincipal } from "./principals.ts";

interface Behind {
  /** Whoever owns an application that can take over, and is an application, and so on. */
  readonly powers: readonly Power[];
  /** How anybody signs in as each of them. */
  readonly applications: readonly SignsIn[];
  readonly results: readonly CheckResult[];
}

/** Owners of owners of owners: a longer chain is somebody hiding. */
const LONGEST_CHAIN = 10;

/** Everybody behind the applications among those who can take over: their owners, and how they are signed in as. */
export async function lookBehind(
  api: Api,
  powers: readonly Power[],
  federatedOf: (resourceId: string) => Promise<readonly Credential[] | undefined>,
): Promise<Behind> {
  const found = new Map<string, KnownPrincipal>();
  const added: Power[] = [];
  for (let round = 0; round < LONGEST_CHAIN; round += 1) {
    const ids = new Set(
      [...powers, ...added].filter(isApplication).map(({ principalId }) => principalId.toLowerCase()),
    );
    const asked = [...ids].filter((id) => !found.has(id)).flatMap((id) => parsePrincipalId(id) ?? []);
    const known = await readPrincipals(api, asked);
    if (!known) return { powers: added, applications: [], results: [warning("credentials", UNKNOWN, SEE_PERMISSIONS)] };
    const fresh = known.filter(({ principalId }) => !found.has(principalId.toLowerCase()));
    for (const one of fresh) found.set(one.principalId.toLowerCase(), one);
    added.push(...fresh.flatMap((one) => ownersOf(one, [...powers, ...added])));
    if (fresh.length === 0) break;
  }
  const applications = await Promise.all([...found.values()].map((one) => signsInOf(one, federatedOf)));
  return { powers: added, applications, results: [] };
}

const UNKNOWN = "Who owns applications that can take over, and how to sign in as them, is not known.";
const SEE_PERMISSIONS = "See permissions, then ask again.";
const UNREAD = "was not looked at: it is a managed identity, whose resource in Azure could not be read.";

const isApplication = ({ kind }: Power): boolean => kind.toLowerCase() === "serviceprincipal";

/** Those who are not named as its owners yet. */
function ownersOf(
  { name, principalId, kind, behind, more }: KnownPrincipal,
  powers: readonly Power[],
): readonly Power[] {
  const can = `owns ${name}`;
  const unnamed = behind.filter((owner) => {
    const theirs = powers.filter((power) => power.principalId.toLowerCase() === owner.principalId.toLowerCase());
    return !theirs.some((power) => power.can === can || power.can.startsWith(`${can},`));
  });
  const owners = unnamed.map((owner): Power => {
    return { ...owner, can, eligible: false, remove: `take the ownership of ${name} away` };
  });
  const unread = { principalId, name, kind, eligible: false, remove: `look at the owners of ${name} by hand` };
  return more ? [...owners, { ...unread, can: "has more owners than could be read" }] : owners;
}

async function signsInOf(
  { principalId, name, credentials, resourceId }: KnownPrincipal,
  federatedOf: (resourceId: string) => Promise<readonly Credential[] | undefined>,
): Promise<SignsIn> {
  const trusted = resourceId === undefined ? [] : await federatedOf(resourceId);
  return {
    principalId,
    name,
    credentials: [...credentials, ...(trusted ?? [])],
    unread: trusted ? undefined : UNREAD,
  };
}
