import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { APPS, TENANT_ID } from "../../local/seed.ts";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { aProblem, startFakeApi, type FakeApi } from "../support/fake-api.ts";
import { startLocalLogin, type LocalLogin } from "../support/local-login.ts";
import { ADA } from "../support/login-clients.ts";
import { emptyFolder, spawnZs, type ZsResult } from "../support/run-zs.ts";

const NOTHING = { status: 200, body: { own: [], waitingForMe: [] } };

let login: LocalLogin;
let api: FakeApi;
let directory: string;

beforeAll(async () => {
  [login, api] = await Promise.all([startLocalLogin(), startFakeApi()]);
});
afterAll(() => Promise.all([login.stop(), api.stop()]));
beforeEach(() => {
  directory = emptyFolder();
  api.calls.length = 0;
  api.answers = { "GET /api/activations": [NOTHING] };
});
afterEach(() => login.control("setPerson", { oid: ADA.oid, disabled: false }));

const env = () => ({
  ZS_API_URL: api.url,
  ZS_LOGIN_URL: login.settings.addresses.login,
  ZS_TENANT_ID: TENANT_ID,
  ZS_CLIENT_ID: APPS.cli.clientId,
  ZS_API_CLIENT_ID: APPS.api.clientId,
});
const zs = (...words: string[]): Promise<ZsResult> => spawnZs(words, { env: env(), directory });

/** Runs `zs login` and does once what the person does who reads its first line. */
async function zsLogin(words: readonly string[], person: (line: string) => Promise<unknown>): Promise<ZsResult> {
  let acted: Promise<unknown> | undefined;
  const onStderr = (text: string): void => {
    if (text.includes("\n")) acted ??= person(text.slice(0, text.indexOf("\n")));
  };
  const result = await spawnZs(["login", ...words], { env: env(), directory, onStderr });
  await acted;
  return result;
}

/** The person's browser: signs in and goes where the identity provider sends it. */
async function withBrowser(line: string): Promise<Response> {
  const outcome = await new BrowserlessSignIn().signIn(line.replace("Sign in here: ", ""), ADA);
  if (outcome.kind !== "redirect") throw new Error(`the sign-in ended with ${outcome.kind}`);
  return fetch(outcome.url.replace("//localhost:", "//127.0.0.1:"));
}

const browserLogin = (): Promise<ZsResult> => zsLogin(["--no-browser"], withBrowser);

interface KeptTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: string;
}
const cachePath = (): string => join(directory, "zero-standing", "tokens.json");
const cache = () => JSON.parse(readFileSync(cachePath(), "utf8")) as Readonly<Record<string, KeptTokens>>;
const kept = (): KeptTokens | undefined => Object.values(cache())[0];
function changeKept(changes: Partial<KeptTokens>): void {
  const changed = Object.entries(cache()).map(([key, tokens]) => [key, { ...tokens, ...changes }]);
  writeFileSync(cachePath(), JSON.stringify(Object.fromEntries(changed)));
}

const sentToken = (call: number): string => api.calls[call]?.headers.authorization?.replace("Bearer ", "") ?? "";

describe("zs login", () => {
  it("signs in with code and PKCE on a loopback port, for the service's scope", async () => {
    let asked = new URLSearchParams();
    const { exitCode, stdout } = await zsLogin(["--no-browser"], (line) => {
      asked = new URL(line.replace("Sign in here: ", "")).searchParams;
      return withBrowser(line);
    });
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`Signed in as ${ADA.userName}`) as string,
    });
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/callback$/) as string,
    });
    await zs("list");
    expect(decodeJwt(sentToken(0))).toMatchObject({ aud: APPS.api.clientId, scp: "access_as_user", oid: ADA.oid });
  });

  it("signs in with a device code", async () => {
    const { exitCode } = await zsLogin(["--device"], async (line) => {
      const [, page = "", code = ""] = /^Open (\S+) and enter the code (\S+)$/.exec(line) ?? [];
      await new BrowserlessSignIn().approveDevice(page, code, ADA);
    });
    expect(exitCode).toBe(0);
    await zs("list");
    expect(decodeJwt(sentToken(0))).toMatchObject({ oid: ADA.oid });
  });

  it("keeps the tokens in a file that only its owner can read, and never prints them", async () => {
    const { stdout, stderr } = await browserLogin();
    expect(statSync(cachePath()).mode & 0o777).toBe(0o600);
    expect(Object.keys(cache())).toEqual([`${api.url} ${TENANT_ID}`]);
    for (const secret of [kept()?.accessToken, kept()?.refreshToken]) {
      expect(secret).toBeTypeOf("string");
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  it("is not ended by somebody else who calls the loopback port", async () => {
    const { exitCode } = await zsLogin(["--no-browser"], async (line) => {
      const callback = new URL(new URL(line.replace("Sign in here: ", "")).searchParams.get("redirect_uri") ?? "");
      const port = `http://127.0.0.1:${callback.port}/callback`;
      const strangers = await Promise.all([fetch(`${port}?code=x&state=guess`), fetch(`${port}?error=access_denied`)]);
      expect(strangers.map(({ status }) => status)).toEqual([404, 404]);
      await withBrowser(line);
    });
    expect(exitCode).toBe(0);
  });

  it("answers 3 with one line when the identity provider refuses", async () => {
    login.control("setPerson", { oid: ADA.oid, disabled: true });
    const { exitCode, stderr } = await browserLogin();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^Sign in here: .*\nzs: the sign-in failed: .*\n$/);
  });

  it("answers 4 when there is no identity provider", async () => {
    const result = await spawnZs(["login"], { env: { ...env(), ZS_LOGIN_URL: api.url }, directory });
    expect(result).toMatchObject({ exitCode: 4, stderr: "zs: the identity provider does not answer as it should\n" });
  });
});

describe("a sign-in", () => {
  beforeEach(async () => {
    expect((await browserLogin()).exitCode).toBe(0);
    api.calls.length = 0;
  });

  it("is renewed when its time is over", async () => {
    const first = kept();
    changeKept({ expiresAt: "2020-01-01T00:00:00.000Z", accessToken: "old" });
    expect((await zs("list")).exitCode).toBe(0);
    expect(decodeJwt(sentToken(0))).toMatchObject({ oid: ADA.oid });
    expect(kept()?.accessToken).toBe(sentToken(0));
    expect(kept()?.expiresAt).not.toBe(first?.expiresAt);
  });

  it("is renewed once when the service does not accept it any more", async () => {
    api.answers = { "GET /api/activations": [aProblem(401, "Unauthenticated", "No."), NOTHING] };
    expect((await zs("list")).exitCode).toBe(0);
    expect(api.calls).toHaveLength(2);
    expect(sentToken(1)).not.toBe(sentToken(0));
  });

  it("is over with exit code 3 when the account is disabled", async () => {
    changeKept({ expiresAt: "2020-01-01T00:00:00.000Z" });
    login.control("setPerson", { oid: ADA.oid, disabled: true });
    expect(await zs("list")).toMatchObject({
      exitCode: 3,
      stderr: "zs: the sign-in is over: sign in again with zs login\n",
    });
    expect(api.calls).toEqual([]);
  });

  it("is good for one service only", async () => {
    const elsewhere = { ...env(), ZS_API_URL: "http://127.0.0.1:9" };
    expect((await spawnZs(["list"], { env: elsewhere, directory })).exitCode).toBe(3);
  });

  it("is forgotten by zs logout", async () => {
    expect(await zs("logout")).toMatchObject({ exitCode: 0, stdout: "Signed out.\n" });
    expect((await zs("list")).exitCode).toBe(3);
    expect((await zs("logout")).stdout).toBe("Nobody was signed in.\n");
  });
});
