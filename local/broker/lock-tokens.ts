import { randomFillSync } from "node:crypto";

const TOKEN_BYTES = 16;
const TOKENS_AT_ONCE = 256;

/** Makes lock tokens: 16 random bytes as latin1 text, many from one call of the generator. */
export function tokenSource(): () => string {
  const pool = Buffer.alloc(TOKEN_BYTES * TOKENS_AT_ONCE);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += TOKEN_BYTES;
    return pool.toString("latin1", used - TOKEN_BYTES, used);
  };
}

/** The token as clients name it in management calls: the bytes of a .NET Guid in the order of RFC 9562. */
export function swapGuid(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
