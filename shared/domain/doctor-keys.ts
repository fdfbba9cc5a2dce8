import { fault, fine, warning, type CheckResult, type Read } from "./doctor.ts";
import { DAY_MS, msOf, type Instant } from "./time.ts";

/** A secret of an app registration. */
export interface RegistrationSecret {
  /** The first three characters, as the directory shows them. */
  readonly hint: string | undefined;
  readonly endsAt: Instant | undefined;
}

const EXPIRES_SOON_MS = 30 * DAY_MS;

/** @param hint the first characters of the secret in use */
export function judgeSignInSecret(
  secrets: Read<readonly RegistrationSecret[] | undefined>,
  { hint, now }: { readonly hint: string; readonly now: Instant },
): readonly CheckResult[] {
  if ("problem" in secrets)
    return [
      fault("keys", `When the sign-in's client secret expires cannot be read: ${secrets.problem}.`, "See permissions."),
    ];
  const next =
    "Add a new secret to the app registration of the sign-in, put it into SIGN_IN_CLIENT_SECRET, then remove the old one.";
  if (!secrets.value)
    return [
      fault("keys", "The directory has no app registration with the id SIGN_IN_CLIENT_ID.", "Correct the setting."),
    ];
  const inUse = secrets.value
    .filter((secret) => secret.hint === undefined || secret.hint === hint)
    .toSorted((a, b) => (b.endsAt ?? "9").localeCompare(a.endsAt ?? "9"))[0];
  if (!inUse) return [fault("keys", "The sign-in's client secret is not a secret of its app registration.", next)];
  return [judgeExpiry("The sign-in's client secret", inUse.endsAt, { now, next })];
}

/** Older than this, a key without an end is to be changed. */
const OLD_MS = 365 * DAY_MS;

/** A key or secret by its end: over, soon over, or neither; without an end by its age. */
export function judgeExpiry(
  name: string,
  endsAt: Instant | undefined,
  { now, next, madeAt }: { readonly now: Instant; readonly next: string; readonly madeAt?: Instant | undefined },
): CheckResult {
  if (endsAt === undefined)
    return madeAt !== undefined && msOf(now) - msOf(madeAt) > OLD_MS
      ? warning("keys", `${name} has no end and is in use since ${madeAt.slice(0, 10)}.`, next)
      : fine("keys", `${name} has no end.`);
  const left = msOf(endsAt) - msOf(now);
  if (left <= 0) return fault("keys", `${name} expired on ${endsAt.slice(0, 10)}.`, next);
  if (left <= EXPIRES_SOON_MS) return warning("keys", `${name} expires on ${endsAt.slice(0, 10)}.`, next);
  return fine("keys", `${name} is good until ${endsAt.slice(0, 10)}.`);
}
