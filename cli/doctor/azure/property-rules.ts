import { z } from "zod";
import { fault, type CheckResult } from "../../../shared/domain/doctor.ts";
import { AzureProblem, type ResourceManager } from "./arm.ts";

export const properties = z.object({ properties: z.record(z.string(), z.unknown()).nullish() });
export type Properties = Readonly<Record<string, unknown>>;

export const readProperties = async (arm: ResourceManager, path: string, version: string): Promise<Properties> =>
  (await arm.get(path, version, properties)).properties ?? {};

/** One property that must have a value, in words for when it has not. */
export interface Rule {
  readonly name: string;
  readonly isWell: (value: unknown) => boolean;
  readonly text: string;
  readonly next: string;
}

export const is = (wanted: unknown) => (value: unknown) => value === wanted;

export function judge(check: string, what: string, found: Properties, rules: readonly Rule[]): readonly CheckResult[] {
  const faults = rules.filter(({ name, isWell }) => !isWell(found[name]));
  return faults.map(({ text, next }) => fault(check, `${what} ${text}.`, next));
}

/** What cannot be read is a fault, never well. */
export async function guarded(
  name: string,
  check: () => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AzureProblem)) throw error;
    return [fault("resources", `${name} was not looked at: ${error.message}.`, READER)];
  }
}

const READER = "Sign in to Azure with an account that has the role Reader at the resource group, and ask again.";
