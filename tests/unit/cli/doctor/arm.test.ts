import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createResourceManager } from "../../../../cli/doctor/azure/arm.ts";

const item = z.object({ id: z.string() });

describe("lists of Azure Resource Manager", () => {
  let server: Server;
  let address: string;
  /** What the first page names as the next. */
  let nextLink: string | null;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const isFirst = request.url?.startsWith("/first") === true;
      response.end(JSON.stringify(isFirst ? { value: [{ id: "1" }], nextLink } : { value: [{ id: "2" }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const list = () => createResourceManager(address, "token").list("/first", "2020-01-01", item);

  it("are read page by page", async () => {
    nextLink = `${address}/second`;
    expect(await list()).toEqual([{ id: "1" }, { id: "2" }]);
    nextLink = null;
    expect(await list()).toEqual([{ id: "1" }]);
  });

  it.each(["/second", "https://elsewhere.example/second"])("are no list where the next page is %s", async (link) => {
    nextLink = link;
    await expect(list()).rejects.toThrow("next page");
  });
});
