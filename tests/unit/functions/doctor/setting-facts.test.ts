import { describe, expect, it } from "vitest";
import { settingFacts } from "../../../../functions/doctor/setting-facts.ts";
import { Secret } from "../../../../shared/config/secret.ts";
import type { Settings } from "../../../../shared/config/settings.ts";

const connection = (text: string) => ({ kind: "connection" as const, connection: new Secret(text) });
const STORAGE = "AccountName=zs;AccountKey=a2V5";
const BUS = "Endpoint=sb://zs.servicebus.windows.net;SharedAccessKeyName=a;SharedAccessKey=b";

const keyed = (storage: string, bus: string, copy: string): readonly string[] =>
  settingFacts({
    storage: connection(storage),
    serviceBus: connection(bus),
    sweeper: { checkpointKey: undefined, auditCopy: connection(copy) },
    worker: undefined,
  } as unknown as Settings).keyed;

describe("shared keys in settings", () => {
  it("are named, whatever they open: tables, the bus, the copy of the audit trail", () => {
    expect(keyed(STORAGE, BUS, STORAGE)).toEqual(["STORAGE_CONNECTION", "SERVICE_BUS", "AUDIT_COPY_CONNECTION"]);
  });

  it("are nothing where every address is a literal loopback address", () => {
    const tables = `${STORAGE};TableEndpoint=http://127.0.0.1:10002/zs`;
    const blobs = `${STORAGE};BlobEndpoint=http://[::1]:10000/zs;TableEndpoint=http://127.0.0.1:10002/zs;`;
    expect(keyed(tables, "Endpoint=sb://127.0.0.1:5672;SharedAccessKey=b", blobs)).toEqual([]);
    expect(keyed(tables, "Endpoint=sb://127.0.0.1:5672;SharedAccessKey=b//c=", blobs)).toEqual([]); // a key is base64
  });

  it("are named where one address is not, or only looks like one", () => {
    expect(
      keyed(
        `${STORAGE};BlobEndpoint=http://127.0.0.1:10000/zs;TableEndpoint=https://zs.table.core.windows.net`,
        "Endpoint=sb://127.zs.example;SharedAccessKey=b",
        `${STORAGE};BlobEndpoint=http://127.0.0.1:10000/zs`,
      ),
    ).toEqual(["STORAGE_CONNECTION", "SERVICE_BUS"]);
  });
});
