import { sha256Hex } from "../../crypto/digest.ts";
import type { Deliveries } from "../../ports/controls.ts";
import { encodeKey } from "./keys.ts";
import type { Tables } from "./tables.ts";

/** Known deliveries over Azure Table Storage; ids are foreign text of any length, so their digest is the key. @throws DependencyError */
export const createDeliveries = ({ deliveries }: Pick<Tables, "deliveries">): Deliveries => ({
  first: async (source, id, at) =>
    (await deliveries.insert({ partitionKey: encodeKey(source), rowKey: sha256Hex(id), at })) === undefined,
  seen: async (source, id) => (await deliveries.get(encodeKey(source), sha256Hex(id))) !== undefined,
});
