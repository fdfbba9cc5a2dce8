import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readApiUrl, signInSettings } from "../../../cli/config/settings.ts";
import { emptyFolder } from "../../support/run-zs.ts";

const TENANT = "10000000-0000-4000-8000-000000000001";
const CLIENT = "c2000000-0000-4000-8000-000000000002";
const API = "c1000000-0000-4000-8000-000000000001";
const IDS = { ZS_TENANT_ID: TENANT, ZS_CLIENT_ID: CLIENT, ZS_API_CLIENT_ID: API };
const STACK = {
  app: "http://127.0.0.1:7001",
  login: "http://127.0.0.1:7002",
  tenant_id: TENANT,
  cli_client_id: CLIENT,
  api_client_id: API,
  storage: "not ours",
};

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

describe("the settings of zs", () => {
  it("come from the environment before the file, name by name", () => {
    const folder = folderWith({ "zero-standing/zs.json": { ...IDS, ZS_API_URL: "https://file.example" } });
    const env = { XDG_CONFIG_HOME: folder, ZS_API_URL: "https://env.example/" };
    expect(signInSettings(env, folder)).toEqual({
      apiUrl: "https://env.example",
      issuer: new URL(`https://login.microsoftonline.com/${TENANT}/v2.0`),
      tenantId: TENANT,
      clientId: CLIENT,
      scope: `openid profile offline_access api://${API}/access_as_user`,
    });
  });

  it("come from the file that ZS_CONFIG names instead of the person's own", () => {
    const folder = folderWith({
      "zero-standing/zs.json": { ZS_API_URL: "https://own.example" },
      "other.json": { ZS_API_URL: "https://other.example" },
    });
    const env = { XDG_CONFIG_HOME: folder, ZS_CONFIG: join(folder, "other.json") };
    expect(readApiUrl(env, folder)).toBe("https://other.example");
  });

  it("come from a running local stack when nothing else is set", () => {
    const folder = folderWith({ ".local/stack.json": STACK });
    expect(signInSettings({ XDG_CONFIG_HOME: folder }, folder)).toMatchObject({
      apiUrl: STACK.app,
      issuer: new URL(`${STACK.login}/${TENANT}/v2.0`),
      clientId: CLIENT,
    });
  });

  it("are never mixed with those of a local stack", () => {
    const folder = folderWith({ ".local/stack.json": STACK });
    const env = { XDG_CONFIG_HOME: folder, ZS_API_URL: "https://env.example" };
    expect(() => signInSettings(env, folder)).toThrow("ZS_TENANT_ID is not set");
  });

  it("are not read from the working folder, where anybody may have put them", () => {
    const folder = folderWith({ "zs.json": { ...IDS, ZS_API_URL: "https://thief.example" } });
    expect(() => readApiUrl({ XDG_CONFIG_HOME: emptyFolder() }, folder)).toThrow("ZS_API_URL is not set");
  });

  it("refuse a stack file that names another machine", () => {
    const folder = folderWith({ ".local/stack.json": { ...STACK, app: "https://thief.example" } });
    expect(() => readApiUrl({ XDG_CONFIG_HOME: folder }, folder)).toThrow("names an address outside this machine");
  });

  it.each([
    ["http://zs.example"],
    ["http://localhost:7071"],
    ["http://127.0.0.1.example"],
    ["https://user:word@zs.example"],
    ["ftp://127.0.0.1"],
    ["zs.example"],
    ["https://zs.example/?a=b"],
  ])("refuse the address %s", (address) => {
    expect(() => readApiUrl({ XDG_CONFIG_HOME: emptyFolder(), ZS_API_URL: address }, emptyFolder())).toThrow(
      "ZS_API_URL",
    );
  });

  it.each([["http://127.0.0.1:7071"], ["http://[::1]:7071"], ["https://zs.example/base"]])(
    "take the address %s",
    (address) => {
      expect(readApiUrl({ XDG_CONFIG_HOME: emptyFolder(), ZS_API_URL: address }, emptyFolder())).toBe(address);
    },
  );

  it("name the file and the name in it that is wrong", () => {
    const folder = folderWith({ "zero-standing/zs.json": { ZS_API_ULR: "https://zs.example" } });
    expect(() => readApiUrl({ XDG_CONFIG_HOME: folder }, folder)).toThrow(/zs\.json: .*ZS_API_ULR/);
  });

  it("name a file that is not JSON, or is not there", () => {
    const folder = folderWith({ "zero-standing/zs.json": "ZS_API_URL=x" });
    expect(() => readApiUrl({ XDG_CONFIG_HOME: folder }, folder)).toThrow("zs.json is not JSON");
    const env = { XDG_CONFIG_HOME: folder, ZS_CONFIG: join(folder, "gone.json") };
    expect(() => readApiUrl(env, folder)).toThrow(/there is no file .*gone\.json/);
  });

  it("name an id that is none", () => {
    const env = { ...IDS, ZS_API_URL: "https://zs.example", ZS_CLIENT_ID: "zs", XDG_CONFIG_HOME: emptyFolder() };
    expect(() => signInSettings(env, emptyFolder())).toThrow("ZS_CLIENT_ID must be a GUID: zs");
  });
});
