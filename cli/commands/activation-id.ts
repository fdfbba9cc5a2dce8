import { parseActivationId } from "../../shared/domain/ids.ts";
import type { Input, OperandSpec } from "../command.ts";
import { usageError } from "../exit-code.ts";

export const ACTIVATION_ID: OperandSpec = { name: "ID", help: "id of the activation, as zs list shows it" };

/** The path of the activation that was named. @throws CliError */
export function activationPath(input: Input): string {
  const id = parseActivationId(input.operand());
  if (id === undefined)
    throw usageError(`"${input.operand()}" is not the id of an activation (32 hexadecimal digits; zs list shows it)`);
  return `/api/activations/${id}`;
}
