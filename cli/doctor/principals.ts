import { principalList, type PrincipalList } from "../../shared/contracts/doctor.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Api } from "../api/client.ts";
import { CliError, ExitCode } from "../exit-code.ts";

export type KnownPrincipal = PrincipalList["principals"][number];

/** As many ids as one call of the service takes. */
const IDS_AT_ONCE = 200;

/** What the directory knows of object ids, through the service. `undefined`: the service cannot read it. */
export async function readPrincipals(
  api: Api,
  ids: readonly PrincipalId[],
): Promise<readonly KnownPrincipal[] | undefined> {
  const found: KnownPrincipal[] = [];
  try {
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
      const some = ids.slice(from, from + IDS_AT_ONCE).join(",");
      found.push(...(await api.get(`/api/doctor/principals?ids=${some}`, principalList)).principals);
    }
    return found;
  } catch (error) {
    if (error instanceof CliError && error.exitCode === ExitCode.Unavailable) return undefined;
    throw error;
  }
}
