import { parseArgs } from "node:util";
import type { Command, Input, OptionSpec } from "./command.ts";
import { usageError } from "./exit-code.ts";

/** What every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { help: "answer with JSON instead of text" },
  help: { help: "show this help" },
};

/** Checks what was typed against the command. @throws CliError that names the first mistake */
export function readInput(command: Command, words: readonly string[]): Input {
  const specs = { ...command.options, ...COMMON_OPTIONS };
  const { values, positionals, tokens } = parse(command, specs, words);
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  const twice = given.find((name, index) => given.indexOf(name) !== index);
  if (twice !== undefined) throw mistake(command, `--${twice} is given twice`);
  const wanted = values["help"] === true ? [] : Object.entries(specs).filter(([, { required }]) => required);
  for (const [name, { value }] of wanted)
    if (values[name] === undefined) throw mistake(command, `--${name} ${value ?? ""} is missing`);
  const empty = Object.entries(values).find(([, value]) => typeof value === "string" && value.trim() === "");
  if (empty) throw mistake(command, `--${empty[0]} is empty`);
  if (values["help"] !== true) checkOperands(command, positionals);
  return inputOf(specs, values, positionals);
}

function parse(command: Command, specs: Readonly<Record<string, OptionSpec>>, words: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value }]) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(name === "help" && { short: "h" }),
      },
    ]),
  );
  try {
    return parseArgs({ args: joined(specs, words), options, allowPositionals: true, tokens: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw mistake(command, firstSentence(error.message));
  }
}

/** A value may begin with a dash, as one in 64 key ids does: then it is joined to its option, as Node wants it. */
function joined(specs: Readonly<Record<string, OptionSpec>>, words: readonly string[]): string[] {
  const end = words.indexOf("--");
  const found: string[] = [];
  for (const [index, word] of words.entries()) {
    const option = found.at(-1) ?? "";
    const takesValue = option.startsWith("--") && specs[option.slice(2)]?.value !== undefined;
    const isDashed = /^-[^-]/.test(word) && word !== "-h" && (end === -1 || index < end);
    if (takesValue && isDashed) found.splice(-1, 1, `${option}=${word}`);
    else found.push(word);
  }
  return found;
}

/** The rest of Node's messages is advice about a dash in front of operands. */
const firstSentence = (message: string): string => message.split(/\.\s|\n/, 1)[0]?.replace(/\.$/, "") ?? message;

function checkOperands(command: Command, operands: readonly string[]): void {
  const { operand } = command;
  if (operand && operands.length === 0) throw mistake(command, `${operand.name} is missing`);
  const surplus = operand?.many ? undefined : operands[operand ? 1 : 0];
  if (surplus !== undefined) throw mistake(command, `"${surplus}" is one word too many (quote text with spaces)`);
}

const mistake = ({ name }: Command, what: string) => usageError(`${what}; see zs ${name} --help`);

function inputOf(
  specs: Readonly<Record<string, OptionSpec>>,
  values: Readonly<Record<string, string | boolean | undefined>>,
  positionals: readonly string[],
): Input {
  const valueOf = (name: string): string | boolean | undefined => {
    if (!(name in specs)) throw new Error(`the command has no option --${name}`);
    return values[name];
  };
  const optional = (name: string): string | undefined => {
    const value = valueOf(name);
    return typeof value === "string" ? value : undefined;
  };
  const [first, ...others] = positionals;
  return {
    operands: first === undefined ? [] : [first, ...others],
    operand: () => first ?? "",
    optional,
    required: (name) => optional(name) ?? "",
    flag: (name) => valueOf(name) === true,
  };
}
