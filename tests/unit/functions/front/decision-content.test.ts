import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decisionContent } from "../../../../functions/front/decision-content.ts";
import { attempts } from "../../../../functions/front/sign-in-attempt.ts";
import { HOUR_MS } from "../../../../shared/domain/time.ts";
import { LINK_KEYS } from "../../../support/memory-front.ts";

const deny = (reason: string) => decisionContent({ choice: "deny", shown: "", fields: { reason } }, HOUR_MS);

describe("the content of a decision", () => {
  it("is canonical, so that everybody hashes the same text", () => {
    const approve = (duration: string) =>
      decisionContent({ choice: "approve", shown: "", fields: { duration } }, HOUR_MS);
    expect(approve("")).toBe('{"durationMs":null,"kind":"approve"}');
    expect(approve("1800000")).toBe('{"durationMs":1800000,"kind":"approve"}');
    expect(approve("3600000")).toBeUndefined();
    expect(deny(" no\u202E\n\tnot\u0000 now ")).toBe('{"kind":"deny","reason":"no not now"}');
  });

  it("fits into the cookie that carries it through the login, whatever the reason", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 400, maxLength: 500 }), (reason) => {
        expect(cookieLength(deny(reason) ?? "")).toBeLessThan(4_000);
      }),
    );
    for (const worst of ['"', "\\", "€", "💣"]) expect(cookieLength(deny(worst.repeat(250)) ?? "")).toBeLessThan(4_000);
    expect(cookieLength(deny('"'.repeat(500)) ?? "")).toBeLessThan(4_000);
  });
});

const cookieLength = (content: string): number =>
  attempts({ linkKeys: LINK_KEYS }).seal(
    {
      state: "s".repeat(43),
      nonce: "n".repeat(43),
      codeVerifier: "v".repeat(43),
      goal: {
        kind: "proof",
        purpose: "decision",
        activationId: "a".repeat(32),
        slot: 65_535,
        person: "p".repeat(64),
        account: "a".repeat(36),
        authenticationContext: "c99",
        maxAgeMs: 600_000,
        content,
        random: "r".repeat(43),
      },
    },
    "2026-11-24T09:00:00.000Z",
  ).length;
