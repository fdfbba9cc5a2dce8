import { MINUTE_MS, parseInstant, plus, type Instant } from "../../domain/time.ts";
import { isBeyondPace, takeWrites, type PaceTaken } from "../../domain/write-pace.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { WritePace } from "../../ports/write-pace.ts";
import type { Tables } from "./tables.ts";

const KEY = { partitionKey: "pace", rowKey: "writes" };
/** Each time another one took meanwhile. */
const MOST_TRIES = 10;
/** Others have their share too, but nobody's is nothing for so long. */
const LONGEST_REFUSAL_MS = 10 * MINUTE_MS;

/**
 * One row that all instances compare and set. It permits nothing, so it carries no seal. Where it cannot be right, or leaves
 * nothing for ten minutes on end, the instance goes by what it took itself, puts the row right and says so: whoever spoils it
 * holds up no removal, and can have Graph answer 429 at most. @throws DependencyError
 */
export function createWritePace({ controls }: Pick<Tables, "controls">): WritePace {
  let ownUsedUntil: Instant | undefined;
  let refusedSince: Instant | undefined;

  async function takeOnce(wanted: number, at: Instant): Promise<PaceTaken | undefined> {
    const row = await controls.get(KEY.partitionKey, KEY.rowKey);
    const stored = parseInstant(String(row?.["usedUntil"]));
    const isTooLong = refusedSince !== undefined && at > plus(refusedSince, LONGEST_REFUSAL_MS);
    const isSpoiled = row !== undefined && (stored === undefined || isTooLong || isBeyondPace(stored, at));
    const taken = takeWrites(isSpoiled ? ownUsedUntil : stored, wanted, at);
    if (taken.granted > 0 || isSpoiled) {
      const next = { ...KEY, usedUntil: taken.usedUntil };
      const written = await controls.transact([
        row ? ["update", next, "Replace", { etag: row.etag }] : ["create", next],
      ]);
      if (written === undefined) return undefined;
      ownUsedUntil = taken.usedUntil;
    }
    refusedSince = taken.granted > 0 ? undefined : (refusedSince ?? at);
    return isSpoiled ? { ...taken, spoiled: true } : taken;
  }

  return {
    take: async (wanted, at) => {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const taken = await takeOnce(wanted, at);
        if (taken) return taken;
      }
      throw new DependencyError("Unavailable", "the pace of writes is taken by too many at once");
    },
  };
}
