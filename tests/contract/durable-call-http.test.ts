import { afterEach, describe, expect, it } from "vitest";
import { answering } from "../support/answering-server.ts";
import { TestHub } from "../support/durable-hub.ts";

let test: TestHub | undefined;
afterEach(() => test?.close());

const SOURCE = `
df.app.activity("After", { handler: () => 1 });
df.app.orchestration("O", function* (context) {
  let answer;
  try { answer = yield context.df.callHttp(context.df.getInput()); } catch (error) { answer = { error: error.message }; }
  yield context.df.callActivity("After", {});
  return answer;
});`;

async function started(input: object): Promise<TestHub> {
  test = new TestHub(SOURCE);
  await test.does("orchestrators/O/o", JSON.stringify(input));
  return test;
}

describe("callHttp", () => {
  it("hands over status, content and headers, but not those of the content", async () => {
    const server = await answering(() => ({ status: 404, headers: { "x-app": "yes" }, json: { reason: "gone" } }));
    const hub = await started({ method: "POST", url: `${server.url}/it`, body: { a: 1 }, headers: { "x-key": "k" } });
    const { output } = await hub.status("o");
    expect(output).toMatchObject({ statusCode: 404, content: '{"reason":"gone"}', headers: { "x-app": "yes" } });
    expect(JSON.stringify(output).toLowerCase()).not.toContain("content-type");
    expect(server.arrived).toMatchObject([
      { method: "POST", path: "/it", body: '{"a":1}', headers: { "x-key": "k", "content-type": "text/plain" } },
    ]);
  });

  it("asks again at Location after Retry-After, or 30 s, as long as the answer is 202", async () => {
    const server = await answering(({ path }, self) => {
      if (path === "/start") return { status: 202, headers: { location: `${self}/poll`, "retry-after": "10" } };
      const isFirst = server.arrived.filter((one) => one.path === "/poll").length === 1;
      return isFirst ? { status: 202, headers: { location: `${self}/poll` } } : { text: "done" };
    });
    const headers = { "x-functions-key": "secret", "x-other": "o" };
    const hub = await started({ method: "POST", url: `${server.url}/start`, body: "b", headers });
    await hub.advance(8_900);
    expect(server.arrived).toHaveLength(1);
    await hub.advance(1_100);
    expect(server.arrived).toHaveLength(2);
    expect(server.arrived[1]).toMatchObject({ method: "GET", body: "", headers: { "x-other": "o" } });
    expect(server.arrived[1]?.headers).not.toHaveProperty("x-functions-key");
    await hub.advance(30_000);
    expect(await hub.status("o")).toMatchObject({ output: { statusCode: 200, content: "done" } });
    expect(hub.lastDecisions()).toEqual([
      "0 BuiltIn::HttpActivity",
      "1 timer",
      "2 BuiltIn::HttpActivity",
      "3 timer",
      "4 BuiltIn::HttpActivity",
      "5 After",
    ]);
  });

  it("takes a 202 as the answer where polling is off", async () => {
    const server = await answering((_, self) => ({ status: 202, headers: { location: `${self}/poll` } }));
    const hub = await started({ method: "GET", url: server.url, enablePolling: false });
    expect(await hub.status("o")).toMatchObject({ output: { statusCode: 202 } });
    expect(server.arrived).toHaveLength(1);
  });

  it("follows a redirect", async () => {
    const server = await answering(({ path }) =>
      path === "/" ? { status: 302, headers: { location: "/there" } } : { text: "there" },
    );
    const hub = await started({ method: "GET", url: server.url });
    expect(await hub.status("o")).toMatchObject({ output: { statusCode: 200, content: "there" } });
  });

  it("throws in the orchestrator where there is no answer", async () => {
    const server = await answering(() => "hangUp");
    const hub = await started({ method: "GET", url: server.url });
    expect(await hub.status("o")).toMatchObject({
      output: { error: expect.stringContaining("socket hang up") as string },
    });
  });

  it.each(["http://example.com/", "http://169.254.169.254/metadata", "http://127.0.0.1.example.com/"])(
    "reaches only this machine: not %s",
    async (url) => {
      const hub = await started({ method: "GET", url });
      const error = expect.stringContaining("callHttp reaches only this machine here") as string;
      expect(await hub.status("o")).toMatchObject({ output: { error } });
    },
  );

  it("does not follow a redirect to another machine", async () => {
    const server = await answering(() => ({ status: 302, headers: { location: "http://example.com/" } }));
    const hub = await started({ method: "GET", url: server.url });
    const error = expect.stringContaining("not example.com") as string;
    expect(await hub.status("o")).toMatchObject({ output: { error } });
  });
});
