import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { z } from "zod";
import { issueWords } from "../../shared/contracts/issue-words.ts";
import type { BodyError } from "../../shared/contracts/problem.ts";
import { problem } from "./problem.ts";
import { parseJson, readBytes } from "./read-body.ts";

const MOST_BYTES = 65_536;

/** The parsed body, or the answer that says everything that is wrong with it. */
export async function readJson<T extends z.ZodType>(
  request: HttpRequest,
  schema: T,
  mostBytes = MOST_BYTES,
): Promise<{ readonly body: z.output<T> } | { readonly answer: HttpResponseInit }> {
  const bytes = await readBytes(request, mostBytes);
  if (bytes === "tooLarge") return { answer: problem("PayloadTooLarge") };
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? ""))
    return { answer: problem("UnsupportedMediaType") };
  const value = parseJson(bytes);
  if (value === undefined)
    return { answer: problem("InvalidRequest", "The body is not JSON in UTF-8, or is nested too deeply.") };
  const parsed = schema.safeParse(value, { error: issueWords });
  return parsed.success
    ? { body: parsed.data }
    : { answer: problem("InvalidRequest", "See errors.", errorsOf(parsed.error)) };
}

const errorsOf = (error: z.ZodError): readonly BodyError[] =>
  error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));

export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit => ({
  status,
  headers: {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  },
  body: JSON.stringify(body),
});
