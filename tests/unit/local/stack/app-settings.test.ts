import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fillSetting, type SettingSources } from "../../../../local/stack/app-settings.ts";
import { addressesOf } from "../../../../local/stack/ports.ts";
import { SecretStore } from "../../../../local/stack/secrets.ts";

const PORTS = {
  app: 1,
  graph: 2,
  login: 3,
  servicenow: 4,
  jira: 5,
  mailbox: 6,
  control: 7,
  table: 8,
  blob: 9,
  worker: 7081,
  sweeper: 7082,
  broker: 10,
  azure: 11,
  queue: 12,
};

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "zero-standing-"));
  file = join(directory, "secrets.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

const sources = (secrets = new SecretStore(file)): SettingSources => ({
  addresses: addressesOf(PORTS, { storage: "key", serviceBus: "bus-key" }),
  dataDirectory: directory,
  secrets,
});

describe("app settings", () => {
  it("fills addresses and the data directory", () => {
    expect(fillSetting("{app}/api {login} {data}", sources())).toBe(
      `http://127.0.0.1:1/api http://127.0.0.1:3 ${directory}`,
    );
    expect(fillSetting("{storage}", sources())).toContain("TableEndpoint=http://127.0.0.1:8/");
    expect(fillSetting("{serviceBus}", sources())).toContain("Endpoint=sb://127.0.0.1:10;");
  });

  it("makes a secret of 32 bytes once and keeps it", () => {
    const secrets = new SecretStore(file);
    const value = fillSetting("1:{secret:macKey}", sources(secrets));
    expect(Buffer.from(value.slice(2), "base64")).toHaveLength(32);
    expect(fillSetting("1:{secret:other}", sources(secrets))).not.toBe(value);
    secrets.save();
    expect(fillSetting("1:{secret:macKey}", sources())).toBe(value);
  });

  it("keeps secrets readable by their owner only", () => {
    new SecretStore(file).save();
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("makes a P-256 key pair whose halves belong together", () => {
    const all = sources();
    const privateKey = createPrivateKey(fillSetting("{privateKeyPem:worker}", all));
    const publicKey = createPublicKey(fillSetting("{publicKeyPem:worker}", all));
    expect(privateKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(createPublicKey(privateKey).equals(publicKey)).toBe(true);
  });

  it("leaves braces alone that are no placeholder, and refuses an unknown one", () => {
    expect(fillSetting('{"a": 1}', sources())).toBe('{"a": 1}');
    expect(() => fillSetting("{nowhere}", sources())).toThrow("unknown placeholder {nowhere}");
    expect(() => fillSetting("{sekret:a}", sources())).toThrow("unknown placeholder {sekret:a}");
  });
});
