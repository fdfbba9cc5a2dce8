import type { Cookie, HttpRequest } from "@azure/functions";
import * as z from "zod";
import { parsePrincipalId, type PrincipalId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import { sealedValue, type SealedValue } from "../http/sealed-value.ts";
import type { Front } from "./front.ts";

/** Who looks at a page: shown what is theirs; every decision needs a fresh sign-in of its own. */
export interface Viewer {
  readonly account: PrincipalId;
  readonly person: Person;
}

const COOKIE = "__Host-zs-session";
const LIFETIME_MS = 15 * MINUTE_MS;
const Session = z.object({ account: z.string() });

const sessions = ({ linkKeys }: Pick<Front, "linkKeys">): SealedValue<{ account: string }> =>
  sealedValue("session", Session, linkKeys);

/** The person who signed in with this browser in the last quarter of an hour, if the people map still knows the account. */
export function viewerOf(
  front: Pick<Front, "linkKeys" | "clock" | "policies">,
  request: HttpRequest,
): Viewer | undefined {
  const session = sessions(front).open(readCookie(request, COOKIE), front.clock.now());
  const account = session && parsePrincipalId(session.account);
  const person = account && front.policies.people.byAccount(account);
  return person && { account, person };
}

/** Who a form was shown to, whether or not their session lasts still. */
export function viewerOfForm(
  { policies }: Pick<Front, "policies">,
  form: { readonly viewer: string } | undefined,
): Viewer | undefined {
  const account = form && parsePrincipalId(form.viewer);
  const person = account && policies.people.byAccount(account);
  return person && { account, person };
}

export const sessionCookie = (front: Pick<Front, "linkKeys" | "clock">, account: PrincipalId): Cookie =>
  setCookie(COOKIE, sessions(front).seal({ account }, plus(front.clock.now(), LIFETIME_MS)), {
    sameSite: "Lax",
    maxAgeSeconds: LIFETIME_MS / SECOND_MS,
  });
