import { digestOf } from "../../crypto/digest.ts";
import type { Assignment } from "../../domain/directory.ts";
import { parseActivationId, type ActivationId } from "../../domain/ids.ts";
import type { Holders } from "../../ports/controls.ts";
import type { StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

const ROW = "holder";

/** Who holds a (principal, role, scope), over Azure Table Storage. @throws DependencyError */
export function createHolders({ holders }: Pick<Tables, "holders">): Holders {
  const read = (assignment: Assignment): Promise<StoredRow | undefined> => holders.get(keyOf(assignment), ROW);

  return {
    holder: async (assignment) => {
      const row = await read(assignment);
      return row && holderOf(row);
    },
    take: async (assignment, activationId) => {
      const taken = await holders.insert({ partitionKey: keyOf(assignment), rowKey: ROW, activationId });
      return taken ? holderOf(taken) : activationId;
    },
    release: async (assignment, activationId) => {
      const row = await read(assignment);
      if (row && holderOf(row) === activationId) await holders.removeUnchanged(row);
    },
  };
}

function holderOf(row: StoredRow): ActivationId {
  const id = parseActivationId(String(row["activationId"]));
  if (!id) throw new Error(`holder row ${row.partitionKey} names no activation`);
  return id;
}

const keyOf = ({ principalId, roleDefinitionId, directoryScopeId }: Assignment): string =>
  digestOf([principalId, roleDefinitionId, directoryScopeId]);
