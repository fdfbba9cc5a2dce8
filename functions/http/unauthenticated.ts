import type { HttpRequest } from "@azure/functions";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import type { Door } from "../door.ts";

/**
 * Noise is counted, not written down call by call: one audit record per source, door and hour. The source is hashed.
 * A failure to write it changes nothing for the caller.
 */
export async function noteUnauthenticated(
  { audit, clock, deliveries, log }: Pick<Door, "audit" | "clock" | "deliveries" | "log">,
  request: HttpRequest,
  door: string,
): Promise<void> {
  const at = clock.now();
  const hour = at.slice(0, 13);
  const source = sha256Hex(
    request.headers.get("x-forwarded-for")?.split(",").at(-1)?.split(":")[0]?.trim() ?? "direct",
  ).slice(0, 16);
  log("warn", "unauthenticated call", { door, source });
  try {
    if (!(await deliveries.first("noise", sha256Hex(`${hour} ${source} ${door}`).slice(0, 32), at))) return;
    await audit.append(`noise-${at.slice(0, 10)}`, `${hour}-${source}`, {
      type: "UnauthenticatedCalls",
      at,
      actor: { kind: "system", part: "front" },
      data: { door, source, hour },
    });
  } catch (error) {
    log("error", "unauthenticated call not recorded", {
      door,
      problem: error instanceof Error ? error.message : "unknown",
    });
  }
}
