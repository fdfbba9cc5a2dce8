import { createServer, request as send, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request that went through, in one line: method, path without account, the condition it had. */
type Passed = string;

/** What stands between a client and a local service, and can lose what comes back. */
export interface WatchedPort {
  readonly port: number;
  readonly passed: Passed[];
  /** Each entry is used once, by the next request that fits: it reaches the service, and its answer is lost. */
  readonly loseAnswerOf: RegExp[];
  stop(): Promise<void>;
}

export async function watchPort(target: number): Promise<WatchedPort> {
  const passed: Passed[] = [];
  const loseAnswerOf: RegExp[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const line = lineOf(request);
      passed.push(line);
      const lost = loseAnswerOf.findIndex((pattern) => pattern.test(line));
      if (lost >= 0) loseAnswerOf.splice(lost, 1);
      const { method, url: path, headers } = request;
      const onward = send({ host: "127.0.0.1", port: target, method, path, headers }, (answer) => {
        if (lost >= 0) {
          answer.resume().once("end", () => response.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    loseAnswerOf,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function lineOf({ method = "", url = "", headers }: IncomingMessage): string {
  const condition = headers["if-none-match"] ?? headers["x-ms-blob-condition-appendpos"];
  return [
    method,
    url.replace(/^\/[^/]+\//, "").replace(/[?&]timeout=\d+/, ""),
    ...(condition === undefined ? [] : [`[${String(condition)}]`]),
  ].join(" ");
}
