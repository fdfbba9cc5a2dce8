import { odata } from "@azure/data-tables";
import { sha256Hex } from "../../crypto/digest.ts";
import type { Deliveries } from "../../ports/controls.ts";
import { encodeKey } from "./keys.ts";
import type { Tables } from "./tables.ts";

/** Rows removed at a time: one transaction. */
const STRETCH = 100;

/** Known deliveries over Azure Table Storage; ids are foreign text of any length, so their digest is the key. @throws DependencyError */
export const createDeliveries = ({ deliveries }: Pick<Tables, "deliveries">): Deliveries => ({
  first: async (source, id, at) =>
    (await deliveries.insert({ partitionKey: encodeKey(source), rowKey: sha256Hex(id), at })) === undefined,
  seen: async (source, id) => (await deliveries.get(encodeKey(source), sha256Hex(id))) !== undefined,
  forget: async (source, before, most) => {
    const partitionKey = encodeKey(source);
    const old = odata`PartitionKey eq ${partitionKey} and at lt ${before}`;
    const stretch: string[] = [];
    let found = 0;
    for await (const { rowKey } of deliveries.query(old, ["PartitionKey", "RowKey"])) {
      found += 1;
      stretch.push(rowKey);
      if (stretch.length === STRETCH) await deliveries.remove(partitionKey, stretch.splice(0));
      if (found === most) break;
    }
    await deliveries.remove(partitionKey, stretch);
    return found;
  },
});
