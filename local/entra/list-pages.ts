import { randomBytes } from "node:crypto";
import { GraphError } from "./errors.ts";
import type { Entity } from "./facts.ts";

const MAXIMUM_SNAPSHOTS = 500;

/** The rest of lists that did not fit on a page, by opaque token. A token of a restarted directory is unknown. */
export class Pages {
  readonly #rests = new Map<string, { readonly items: readonly Entity[]; readonly page: number }>();

  keep(items: readonly Entity[], page: number): string {
    const token = randomBytes(24).toString("base64url");
    this.#rests.set(token, { items, page });
    const oldest = this.#rests.keys().next().value;
    if (this.#rests.size > MAXIMUM_SNAPSHOTS && oldest !== undefined) this.#rests.delete(oldest);
    return token;
  }

  rest(token: string): { readonly items: readonly Entity[]; readonly page: number } {
    const rest = this.#rests.get(token);
    if (!rest) throw new GraphError(400, "Directory_ExpiredPageToken", "The specified page token value has expired.");
    return rest;
  }
}
