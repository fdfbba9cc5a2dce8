import type { MiddlewareHandler } from "hono";
import { GraphError } from "./errors.ts";
import type { GraphEnv } from "./graph-app.ts";
import type { DirectoryState } from "./state.ts";

const APP_WINDOW_MS = 150_000;
const TENANT_WINDOW_MS = 300_000;
const MAIL_WINDOW_MS = 60_000;
/** Not writes of identity: a batch counts by its parts, mail has limits of its own. */
const ELSEWHERE = /\/\$batch$|\/sendMail$/;

/**
 * Graph's quota of writes: so many of one app in 150 seconds, so many of all apps in five minutes. What is refused counts
 * too, so that who asks again at once waits longer. Not kept over a restart.
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function writeQuota(state: DirectoryState): MiddlewareHandler<GraphEnv> {
  const ofApp = new Map<string, number[]>();
  const ofTenant: number[] = [];
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || ELSEWHERE.test(c.req.path)) return next();
    const now = Date.now();
    const { clientId } = c.get("caller");
    const own = ofApp.get(clientId) ?? [];
    ofApp.set(clientId, own);
    const { writesOfApp, writesOfTenant } = state.settings;
    const waitMs = Math.max(
      counted(own, now, { atMost: writesOfApp, windowMs: APP_WINDOW_MS }),
      counted(ofTenant, now, { atMost: writesOfTenant, windowMs: TENANT_WINDOW_MS }),
    );
    if (waitMs === 0) return next();
    c.header("retry-after", String(Math.ceil(waitMs / 1_000)));
    throw new GraphError(429, "TooManyRequests", "Too many requests.");
  };
}

/** How long a mailbox has to wait, 0: not at all. What it refuses does not count. Not kept over a restart. */
export function mailQuota(state: DirectoryState): (mailbox: string) => number {
  const ofMailbox = new Map<string, number[]>();
  return (mailbox) => {
    const own = ofMailbox.get(mailbox) ?? [];
    ofMailbox.set(mailbox, own);
    const waitMs = counted(own, Date.now(), { atMost: state.settings.mailsOfMailbox, windowMs: MAIL_WINDOW_MS });
    if (waitMs > 0) own.pop();
    return waitMs;
  };
}

/** Counts one more; answers how long it has to wait, 0: not at all. */
function counted(
  writes: number[],
  now: number,
  { atMost, windowMs }: { readonly atMost: number; readonly windowMs: number },
): number {
  const first = writes.findIndex((at) => at > now - windowMs && at <= now);
  writes.splice(0, first === -1 ? writes.length : first);
  writes.push(now);
  const freesRoom = writes.at(-atMost - 1);
  return freesRoom === undefined ? 0 : freesRoom + windowMs - now;
}
