import type { Cookie, HttpRequest } from "@azure/functions";

/** `__Host-`: the browser takes it only from this very host, over a secure channel, for the whole site. */
type CookieName = "__Host-zs-session" | "__Host-zs-signin";

/** The value the browser sent; `undefined` when it sent none, or more than one. */
export function readCookie(request: HttpRequest, name: CookieName): string | undefined {
  const values = (request.headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/** `Lax` for what our own pages read; `None` for what has to survive the login's cross-site post to us. */
export const setCookie = (
  name: CookieName,
  value: string,
  options: { readonly sameSite: "Lax" | "None"; readonly maxAgeSeconds: number },
): Cookie => ({
  name,
  value,
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: options.sameSite,
  maxAge: options.maxAgeSeconds,
});

export const clearCookie = (name: CookieName, sameSite: "Lax" | "None"): Cookie =>
  setCookie(name, "", { sameSite, maxAgeSeconds: 0 });
