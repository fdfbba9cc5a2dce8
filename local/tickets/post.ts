import { request } from "node:http";

interface PostAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ANSWER_TIMEOUT_MS = 20_000;

/**
 * POSTs exactly these bytes and headers on a connection of its own and follows no redirect. `fetch` would add headers
 * that the real senders do not send, and keep the connection.
 */
export function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body, "utf8");
    const outgoing = request(
      url,
      { method: "POST", agent: false, signal, headers: { ...headers, "content-length": bytes.length } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    outgoing.setTimeout(ANSWER_TIMEOUT_MS, () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}
