/** Where a link points. */
export interface Address {
  /** The entity, without scheme, host and slashes around it; "" is the namespace. */
  readonly path: string;
  readonly node: "entity" | "management" | "cbs";
}

const MANAGEMENT = /(^|\/)\$management$/i;

/** Reads `q`, `/q`, `sb://host/q`, `topic/Subscriptions/s`, `q/$DeadLetterQueue`, each also with `/$management`. */
export function parseAddress(address: string): Address {
  const path = pathOf(address);
  if (path.toLowerCase() === "$cbs") return { path: "", node: "cbs" };
  if (MANAGEMENT.test(path)) return { path: path.replace(MANAGEMENT, ""), node: "management" };
  return { path, node: "entity" };
}

/** The path of an address or of a token's audience. */
export const pathOf = (address: string): string =>
  decoded(address)
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "")
    .replace(/^\/+|\/+$/g, "");

/** Percent-decoded, where that can be done. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that is one
  }
}
