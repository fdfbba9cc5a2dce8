import type { HttpRequest } from "@azure/functions";
import { readBytes } from "./read-body.ts";

const MEDIA_TYPE = "application/x-www-form-urlencoded";

/** The fields of a posted form, each once; `undefined` for another content type, bad UTF-8, a repeated field, or too much. */
export async function readForm(
  request: HttpRequest,
  mostBytes: number,
): Promise<Readonly<Partial<Record<string, string>>> | undefined> {
  if (request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() !== MEDIA_TYPE) return undefined;
  const body = await readBytes(request, mostBytes);
  const text = body === "tooLarge" ? undefined : decode(body);
  if (text === undefined) return undefined;
  const fields = [...new URLSearchParams(text)];
  const form = Object.fromEntries(fields);
  return Object.keys(form).length === fields.length ? form : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not UTF-8
  }
}
