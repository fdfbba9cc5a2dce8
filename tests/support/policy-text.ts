import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PolicyError, readPolicy } from "../../shared/config/policy-file.ts";

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, "../../policy", file), "utf8");

/** The sample tenant's policy files as text, to be changed by tests. */
export const SAMPLE = { roles: textOf("roles.yaml"), people: textOf("people.yaml") };

/** The text with one passage replaced. @throws Error when the passage is not there */
export function edited(text: string, passage: string, replacement: string): string {
  if (!text.includes(passage)) throw new Error(`"${passage}" is not in the file`);
  return text.replace(passage, () => replacement);
}

export function problemsOf(roles: string, people = SAMPLE.people): PolicyError["problems"] {
  try {
    readPolicy(roles, people);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
}
