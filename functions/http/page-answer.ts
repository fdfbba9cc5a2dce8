import { randomBytes } from "node:crypto";
import type { Cookie, HttpResponseInit } from "@azure/functions";
import { renderPage } from "../pages/page.ts";
import type { View } from "../pages/views.ts";

/** A page with the headers that keep it out of caches, frames, referrers and other origins. */
export async function pageAnswer(
  status: number,
  view: View,
  options: { readonly loginOrigin: string; readonly cookies?: readonly Cookie[] },
): Promise<HttpResponseInit> {
  const nonce = randomBytes(16).toString("base64url");
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        `form-action 'self' ${options.loginOrigin}`, // a form's answer redirects to the login
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join("; "),
      "x-frame-options": "DENY",
      "strict-transport-security": "max-age=31536000",
      "cross-origin-opener-policy": "same-origin",
      ...PRIVATE_HEADERS,
    },
    cookies: [...(options.cookies ?? [])],
    body: await renderPage(view, nonce),
  };
}

/** Sends the browser on with a GET. */
export const redirectAnswer = (location: string, cookies: readonly Cookie[]): HttpResponseInit => ({
  status: 303,
  headers: { location, ...PRIVATE_HEADERS },
  cookies: [...cookies],
});

const PRIVATE_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
} as const;
