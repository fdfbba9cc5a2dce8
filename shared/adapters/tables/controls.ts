import { odata } from "@azure/data-tables";
import type { Instant } from "../../domain/time.ts";
import type { Controls, Freeze, Standing } from "../../ports/controls.ts";
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
 * When the seal lifted this very freeze; `undefined`: it is not the worker's, or names another freeze, or the seal of an
 * old one would lift the next.
 */
type ReadLift = (seal: LiftSeal, freezeId: string) => { readonly at: Instant } | undefined;

/**
 * Freeze, breaker and blocks over Azure Table Storage. A lift whose seal is not valid counts as absent. `readLift` left out:
 * seals cannot be checked here, and a lift is taken at its word. @throws DependencyError
 */
export function createControls({ controls }: Pick<Tables, "controls">, readLift?: ReadLift): Controls {
  /** The oldest freeze that nobody lifted, and when the last lifted one was. */
  const known = async (): Promise<Standing & { readonly lifted: readonly Freeze[] }> => {
    const rows = await controls.partition("freeze");
    const freezes = rows.filter(({ rowKey }) => rowKey.startsWith("freeze-")).map(freezeOf);
    const lifts = new Map(
      freezes.map(({ id }) => {
        const row = rows.find(({ rowKey }) => rowKey === `lift-${encodeKey(id)}`);
        return [id, row && (readLift ?? atItsWord)(sealOf(row), id)];
      }),
    );
    return {
      freeze: freezes.filter(({ id }) => !lifts.get(id)).toSorted((a, b) => (a.at < b.at ? -1 : 1))[0],
      resumedAt: [...lifts.values()]
        .flatMap((lift) => (lift ? [lift.at] : []))
        .toSorted()
        .at(-1),
      lifted: freezes.filter(({ id }) => lifts.get(id)),
    };
  };
  const freeze = async (): Promise<Freeze | undefined> => (await known()).freeze;

  return {
    freeze,
    standing: async () => {
      const { freeze: inForce, resumedAt } = await known();
      return { freeze: inForce, resumedAt };
    },
    shown: async () => {
      const { freeze: inForce, lifted } = await known();
      if (inForce) return { freeze: inForce, saidToBeLifted: false };
      const last = readLift ? undefined : lifted.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
      return last && { freeze: last, saidToBeLifted: true };
    },
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

const atItsWord: ReadLift = ({ body }, freezeId) => {
  try {
    const lift = JSON.parse(body) as { readonly at?: Instant; readonly freezeId?: string } | null;
    return lift?.at !== undefined && lift.freezeId === freezeId ? { at: lift.at } : undefined;
  } catch {
    return undefined; // no JSON: somebody else's row
  }
};
