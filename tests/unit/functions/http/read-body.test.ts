import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { parseJson, readBytes } from "../../../../functions/http/read-body.ts";

const nested = (depth: number): Buffer => Buffer.from(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
const posted = (size: number, headers: Readonly<Record<string, string>> = {}): HttpRequest =>
  new HttpRequest({ method: "POST", url: "https://app.example/", headers, body: { bytes: Buffer.alloc(size, 0x20) } });

describe("a body", () => {
  it("is JSON in UTF-8, nested no deeper than anything we take", () => {
    expect(parseJson(Buffer.from('{"a":[1]}'))).toEqual({ a: [1] });
    expect(parseJson(nested(16))).toBeDefined();
    expect(parseJson(nested(17))).toBeUndefined();
    for (const bad of ["", "{", "undefined", '{"a":1}}']) expect(parseJson(Buffer.from(bad)), bad).toBeUndefined();
    expect(parseJson(Buffer.concat([Buffer.from('"'), Buffer.of(0xc3, 0x28), Buffer.from('"')]))).toBeUndefined();
  });

  it("is read up to a length, whether it says its length, a false one, or none", async () => {
    expect(await readBytes(posted(1_000), 1_000)).toHaveLength(1_000);
    expect(await readBytes(posted(1_001), 1_000)).toBe("tooLarge");
    expect(await readBytes(posted(1_001, { "content-length": "10" }), 1_000)).toBe("tooLarge");
    expect(await readBytes(posted(10, { "content-length": "1001" }), 1_000)).toBe("tooLarge");
  });
});
