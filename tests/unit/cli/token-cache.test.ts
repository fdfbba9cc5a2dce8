import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheKey, openTokenCache } from "../../../cli/sign-in/token-cache.ts";
import { emptyFolder } from "../../support/run-zs.ts";

const TOKENS = { accessToken: "a", refreshToken: "r", expiresAt: "2026-11-24T09:00:00.000Z", userName: "ada" };
const KEY = cacheKey({ apiUrl: "https://zs.example", tenantId: "t" });

describe("the token cache", () => {
  it("keeps tokens by service and tenant, in a file and a folder that only their owner can read", () => {
    const folder = emptyFolder();
    const cache = openTokenCache({ XDG_CONFIG_HOME: folder });
    cache.write(KEY, TOKENS);
    expect(cache.read(KEY)).toEqual(TOKENS);
    expect(cache.read(cacheKey({ apiUrl: "https://other.example", tenantId: "t" }))).toBeUndefined();
    expect(statSync(join(folder, "zero-standing/tokens.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "zero-standing")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, "zero-standing"))).toEqual(["tokens.json"]);
  });

  it("refuses a file that others can read, and says what to do", () => {
    const folder = emptyFolder();
    const cache = openTokenCache({ XDG_CONFIG_HOME: folder });
    cache.write(KEY, TOKENS);
    chmodSync(join(folder, "zero-standing/tokens.json"), 0o640);
    expect(() => cache.read(KEY)).toThrow(/others than you can read or write .*zs login/);
  });

  it("removes one sign-in and keeps the others", () => {
    const cache = openTokenCache({ XDG_CONFIG_HOME: emptyFolder() });
    cache.write(KEY, TOKENS);
    cache.write("other", TOKENS);
    expect([cache.remove(KEY), cache.remove(KEY)]).toEqual([true, false]);
    expect([cache.read(KEY), cache.read("other")]).toEqual([undefined, TOKENS]);
  });

  it("leaves no file when nobody is signed in any more", () => {
    const folder = emptyFolder();
    const cache = openTokenCache({ XDG_CONFIG_HOME: folder });
    cache.write(KEY, TOKENS);
    cache.remove(KEY);
    expect(readdirSync(join(folder, "zero-standing"))).toEqual([]);
  });

  it("takes a damaged file for an empty one", () => {
    const folder = emptyFolder();
    const cache = openTokenCache({ XDG_CONFIG_HOME: folder });
    cache.write(KEY, TOKENS);
    const path = join(folder, "zero-standing/tokens.json");
    writeFileSync(path, readFileSync(path).subarray(0, 20));
    expect(cache.read(KEY)).toBeUndefined();
  });
});
