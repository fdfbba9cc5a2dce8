import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Waits on this machine for the browser to come back from the identity provider. */
export interface LoopbackReceiver {
  /** Register `http://localhost/callback` for the application: the port of such an address is free. */
  readonly redirectUri: string;
  /** The address that the browser came back to. Rejects when the signal says so. */
  received(state: string, signal: AbortSignal): Promise<URL>;
  close(): void;
}

export async function openLoopbackReceiver(): Promise<LoopbackReceiver> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const redirectUri = `http://localhost:${(server.address() as AddressInfo).port}/callback`;
  return {
    redirectUri,
    received: (state, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("nobody came back from the sign-in in time")));
        server.on("request", (request, response) => {
          const url = new URL(request.url ?? "/", redirectUri);
          // Whatever else calls this port does not end the wait: only the answer to our own question does.
          if (request.method !== "GET" || url.pathname !== "/callback" || url.searchParams.get("state") !== state) {
            page(response, 404, "There is nothing here.");
            return;
          }
          page(response, 200, "Go back to the terminal. You can close this page.");
          resolve(url);
        });
      }),
    close: () => {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function page(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(`<!doctype html><html lang="en"><title>zs</title><p>${sentence}</p></html>\n`);
}
