import { z } from "zod";
import { checkpointKey } from "../../shared/contracts/checkpoint.ts";
import { keyIdOf } from "../../shared/crypto/checkpoint.ts";
import { usageError } from "../exit-code.ts";
import { readTextFile } from "../text-file.ts";

const keySet = z.object({ keys: z.array(checkpointKey).min(1) });

/** Ids of the keys that may have signed checkpoints, by what was typed; `undefined` when nothing was. @throws CliError */
export function trustedKeyIds(
  keysFile: string | undefined,
  keyIds: string | undefined,
): ReadonlySet<string> | undefined {
  if (keysFile === undefined && keyIds === undefined) return undefined;
  return new Set([...(keysFile === undefined ? [] : idsInFile(keysFile)), ...(keyIds?.split(",") ?? [])]);
}

/** An id is worked out from its key: what the file says of it does not count. */
function idsInFile(file: string): readonly string[] {
  const text = readTextFile(file);
  try {
    return keySet.parse(JSON.parse(text)).keys.map(keyIdOf);
  } catch {
    throw usageError(`${file} is not a JWK set with P-256 keys, as GET /api/audit/keys answers it`);
  }
}
