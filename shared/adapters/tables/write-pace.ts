import { MINUTE_MS, parseInstant, plus } from "../../domain/time.ts";
import { takeWrites } from "../../domain/write-pace.ts";
import { DependencyError } from "../../ports/dependency-error.ts";
import type { WritePace } from "../../ports/write-pace.ts";
import type { Tables } from "./tables.ts";

const KEY = { partitionKey: "pace", rowKey: "writes" };
/** Each time another one took meanwhile. */
const MOST_TRIES = 10;
/** What clocks of instances may differ: none of them takes back what another took. */
const CLOCKS_DIFFER_MS = 10 * MINUTE_MS;

/**
 * One row that all instances compare and set. It permits nothing, so it carries no seal: whoever spoils it can delay bulk
 * work or have Graph answer 429, no more. A time that the pace never reaches, of a clock that was wrong or of somebody who
 * spoiled it, is put right, so that it delays once and not until then. @throws DependencyError
 */
export const createWritePace = ({ controls }: Pick<Tables, "controls">): WritePace => ({
  take: async (wanted, at) => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const row = await controls.get(KEY.partitionKey, KEY.rowKey);
      const stored = parseInstant(String(row?.["usedUntil"]));
      const taken = takeWrites(stored, wanted, at);
      const isWrong = stored !== undefined && stored > plus(taken.usedUntil, CLOCKS_DIFFER_MS);
      if (taken.granted === 0 && !isWrong) return taken;
      const next = { ...KEY, usedUntil: taken.usedUntil };
      const written = await controls.transact([
        row ? ["update", next, "Replace", { etag: row.etag }] : ["create", next],
      ]);
      if (written !== undefined) return taken;
    }
    throw new DependencyError("Unavailable", "the pace of writes is taken by too many at once");
  },
});
