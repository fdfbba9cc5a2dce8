import { odata } from "@azure/data-tables";
import type { Controls, Freeze } from "../../ports/controls.ts";
import { rowOfSealed, sealedOfRow } from "./activation-rows.ts";
import { jsonProperties, readForeignJson } from "./json-property.ts";
import { encodeKey, timeKey } from "./keys.ts";
import { all, type StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

interface LiftSeal {
  readonly body: string;
  readonly mac: string;
}

/**
 * Whether the seal is the worker's and lifts this very freeze: its body has to name the freeze, or the seal of an old
 * one would lift the next.
 */
type VerifyLift = (seal: LiftSeal, freezeId: string) => boolean;

/** Freeze, breaker and blocks over Azure Table Storage. A lift whose seal is not valid counts as absent. @throws DependencyError */
export function createControls({ controls }: Pick<Tables, "controls">, verifyLift: VerifyLift): Controls {
  /** The oldest freeze that nobody lifted. */
  const freeze = async (): Promise<Freeze | undefined> => {
    const rows = await controls.partition("freeze");
    const lifted = (id: string): boolean => {
      const row = rows.find(({ rowKey }) => rowKey === `lift-${encodeKey(id)}`);
      return row !== undefined && verifyLift(sealOf(row), id);
    };
    return rows
      .filter(({ rowKey }) => rowKey.startsWith("freeze-"))
      .map(freezeOf)
      .filter(({ id }) => !lifted(id))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1))[0];
  };

  return {
    freeze,
    startFreeze: async (wanted) => {
      const inForce = await freeze();
      if (inForce) return inForce;
      await controls.insert({
        partitionKey: "freeze",
        rowKey: `freeze-${encodeKey(wanted.id)}`,
        ...jsonProperties("json", wanted),
      });
      return (await freeze()) ?? wanted;
    },
    liftFreeze: (id, { body, mac }) =>
      controls.put([
        { partitionKey: "freeze", rowKey: `lift-${encodeKey(id)}`, ...jsonProperties("json", { body, mac }) },
      ]),
    // Put, not inserted: a forged row in its place must not keep a true one out.
    keepResumeVerdict: (freezeId, key, verdict) => controls.put([rowOfSealed(resumePartition(freezeId), key, verdict)]),
    resumeVerdicts: async (freezeId) => (await controls.partition(resumePartition(freezeId))).map(sealedOfRow),
    grantsSince: async (at) => {
      const filter = odata`PartitionKey eq ${"grant"} and RowKey ge ${timeKey(at)}`;
      const rows = await all(controls.query(filter, ["PartitionKey", "RowKey", "grant"]));
      return new Set(rows.map((row) => row["grant"])).size;
    },
    recordGrant: async (activationId, attempt, at) => {
      const grant = `${activationId}-${attempt}`;
      await controls.insert({ partitionKey: "grant", rowKey: `${timeKey(at)}-${grant}`, grant });
    },
    block: (person, until, because) =>
      controls.put([{ partitionKey: "block", rowKey: encodeKey(person), until, because }]),
    isBlocked: async (person, at) => {
      const row = await controls.get("block", encodeKey(person));
      return row !== undefined && String(row["until"]) > at;
    },
  };
}

const resumePartition = (freezeId: string): string => `resume-${encodeKey(freezeId)}`;

function sealOf(row: StoredRow): LiftSeal {
  const { body, mac } = (readForeignJson(row, "json") ?? {}) as Partial<LiftSeal>;
  return { body: String(body), mac: String(mac) };
}

/** A row that stops needs no MAC, and not even to be readable. */
function freezeOf(row: StoredRow): Freeze {
  const freeze = (readForeignJson(row, "json") ?? {}) as Partial<Freeze>;
  return {
    at: "",
    by: "breaker",
    account: undefined,
    because: "a freeze that cannot be read",
    ...freeze,
    id: row.rowKey.slice("freeze-".length), // its place, not its text: no row passes for one that was lifted
  };
}
