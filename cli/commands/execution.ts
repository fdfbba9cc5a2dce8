import type { Input } from "../command.ts";
import { usageError } from "../exit-code.ts";

/** Whether it is asked for or only shown, and why: a reason is needed where somebody else agrees. @throws CliError */
export function execution(input: Input): { readonly execute: boolean; readonly because: string } {
  const execute = input.flag("execute");
  const because = input.optional("because");
  if (execute && because === undefined) throw usageError("--because is missing: --execute asks somebody else to agree");
  return { execute, because: because ?? "only to see" };
}
