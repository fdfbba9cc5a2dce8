import type { HttpRequest } from "@azure/functions";

/**
 * Whether a post came from one of our own pages, as far as the browser says. Our pages send no referrer, so browsers
 * send `Origin: null` with their forms: then `Sec-Fetch-Site` has to vouch for them.
 */
export function isSameOrigin(request: HttpRequest, ownOrigin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  if (site !== null && site !== "same-origin") return false;
  if (origin === null || origin === ownOrigin) return true;
  return origin === "null" && site === "same-origin";
}
