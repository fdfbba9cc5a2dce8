import type { Input } from "../command.ts";
import { usageError } from "../exit-code.ts";

/** The id that was typed; `what` it is the id of, with its article. @throws CliError */
export function hexId(input: Input, what: string): string {
  const id = input.operand();
  if (!/^[0-9a-f]{32}$/.test(id)) throw usageError(`"${id}" is not the id of ${what} (32 hexadecimal digits)`);
  return id;
}
