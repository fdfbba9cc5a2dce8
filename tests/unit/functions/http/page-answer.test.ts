import { describe, expect, it } from "vitest";
import { pageAnswer } from "../../../../functions/http/page-answer.ts";

const notice = { kind: "notice", title: "t", text: "x", tone: "calm" } as const;
const answer = () => pageAnswer(200, notice, { loginOrigin: "https://login.example" });

describe("a page as an answer", () => {
  it("may load nothing, be framed by nobody, kept by nobody, and post only to us and the login", async () => {
    const { headers, body } = await answer();
    const csp = (headers as Record<string, string>)["content-security-policy"] ?? "";
    const nonce = /style-src 'nonce-([^']+)'/.exec(csp)?.[1] ?? "";
    expect(nonce).toMatch(/^[\w-]{22}$/);
    expect(csp.replace(nonce, "N")).toBe(
      "default-src 'none'; style-src 'nonce-N'; form-action 'self' https://login.example; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(body).toContain(`<style nonce="${nonce}">`);
    expect(headers).toMatchObject({
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });

  it("has another nonce every time", async () => {
    const [first, second] = [await answer(), await answer()];
    expect(first.body).not.toBe(second.body);
  });
});
