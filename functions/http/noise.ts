import { randomBytes } from "node:crypto";
import type { HttpRequest } from "@azure/functions";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { AuditLog } from "../../shared/ports/audit-log.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import type { Deliveries } from "../../shared/ports/controls.ts";
import type { Log } from "../worker.ts";

/** Calls of nobody. They are counted, not written down one by one. */
export interface Noise {
  /** One more. A failure to write it down changes nothing for the caller. */
  note(request: HttpRequest, door: string): Promise<void>;
  /** Writes the counts of the hours that are over. Nothing to write costs nothing. */
  close(): Promise<void>;
}

interface Count {
  readonly door: string;
  readonly source: string;
  readonly hour: string;
  calls: number;
}

/** Counted apart in one hour; what comes beyond is counted together. */
const MOST_COUNTS = 200;

/**
 * Per source, door and hour two audit records: one at the first call, one with the count when the hour is over. Counts are
 * this process's own and die with it; those of several processes add up.
 */
export function createNoise({
  audit,
  clock,
  deliveries,
  log,
}: {
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: Clock;
  readonly deliveries: Pick<Deliveries, "first">;
  readonly log: Log;
}): Noise {
  const process = randomBytes(4).toString("hex");
  const counts = new Map<string, Count>();

  const write = async ({ hour, ...count }: Omit<Count, "calls"> & { readonly calls?: number }): Promise<void> => {
    const at = clock.now();
    const name = `${hour} ${count.source} ${count.door}`;
    const isCount = count.calls !== undefined;
    try {
      if (!isCount && !(await deliveries.first("noise", sha256Hex(name).slice(0, 32), at))) return;
      await audit.append(`noise-${hour.slice(0, 10)}`, isCount ? `${name} ${process}` : name, {
        type: "UnauthenticatedCalls",
        at,
        actor: { kind: "system", part: "front" },
        data: { hour, ...count },
      });
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      log("error", "unauthenticated calls not recorded", { hour, ...count, problem });
    }
  };

  const close = async (): Promise<void> => {
    const hour = clock.now().slice(0, 13);
    const over = [...counts].filter(([, count]) => count.hour < hour);
    for (const [key] of over) counts.delete(key);
    for (const [, count] of over) await write(count);
  };

  return {
    close,
    note: async (request, door) => {
      const hour = clock.now().slice(0, 13);
      const keyOf = (source: string): string => `${hour} ${source} ${door}`;
      const own = sourceOf(request);
      const source = counts.has(keyOf(own)) || counts.size < MOST_COUNTS ? own : "others";
      log("warn", "unauthenticated call", { door, source });
      const known = counts.get(keyOf(source));
      if (known) known.calls += 1;
      else counts.set(keyOf(source), { door, source, hour, calls: 1 });
      if (!known) await write({ door, source, hour });
      await close();
    },
  };
}

/** The caller's address as the platform's own front end appended it, hashed. */
function sourceOf(request: HttpRequest): string {
  const last = request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "direct";
  const [, bracketed] = /^\[([^\]]*)\]/.exec(last) ?? []; // an IPv6 address with a port
  const address = bracketed ?? (last.split(":").length === 2 ? last.slice(0, last.indexOf(":")) : last);
  return sha256Hex(address).slice(0, 16);
}
