import { odata } from "@azure/data-tables";
import { checkpoint as schema } from "../../contracts/checkpoint.ts";
import { CHAIN_START } from "../../crypto/audit-chain.ts";
import type { Checkpoint } from "../../domain/checkpoint.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import { jsonProperties, readForeignJson } from "./json-property.ts";
import { sequenceKey } from "./keys.ts";
import type { StoredRow } from "./table.ts";
import type { Tables } from "./tables.ts";

const PARTITION = "checkpoint";

/** Checkpoints over Azure Table Storage. @throws DependencyError */
export function createCheckpoints({ checkpoints }: Pick<Tables, "checkpoints">): Checkpoints {
  return {
    append: async (checkpoint) => {
      const row = { partitionKey: PARTITION, rowKey: sequenceKey(checkpoint.sequence), at: checkpoint.at };
      return (await checkpoints.insert({ ...row, ...jsonProperties("json", checkpoint) })) === undefined;
    },
    async *read(after) {
      const filter = odata`PartitionKey eq ${PARTITION} and RowKey gt ${sequenceKey(after)}`;
      for await (const row of checkpoints.query(filter)) yield checkpointOfRow(row);
    },
  };
}

/** A row that is no checkpoint of its place must not hide the others: it is passed on as one that nobody signed. */
function checkpointOfRow(row: StoredRow): Checkpoint {
  const checkpoint = schema.safeParse(readForeignJson(row, "json")).data;
  if (checkpoint && sequenceKey(checkpoint.sequence) === row.rowKey) return checkpoint;
  return {
    version: 1,
    sequence: Number(row.rowKey),
    at: String(row["timestamp"]),
    chains: 0,
    root: "",
    previous: "",
    keyId: "",
    hash: CHAIN_START, // ours come after it all the same
    signature: "",
    key: { kty: "EC", crv: "P-256", x: "", y: "" },
    heads: [],
  };
}
