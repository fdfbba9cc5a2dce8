import type { HttpRequest } from "@azure/functions";

/** The raw body; `tooLarge` as soon as that is known. */
export async function readBytes(request: HttpRequest, mostBytes: number): Promise<Uint8Array | "tooLarge"> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) return "tooLarge";
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength;
    if (total > mostBytes) return "tooLarge";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const DEEPEST = 16;

/** Strict JSON: valid UTF-8, not nested deeper than anything we take; `undefined` for everything else. */
export function parseJson(body: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isShallow(value, DEEPEST) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}
