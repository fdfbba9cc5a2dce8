import { readInput } from "./arguments.ts";
import { COMMANDS } from "./catalog.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, ExitCode, usageError } from "./exit-code.ts";
import { generalHelp, groupHelp, helpFor } from "./help.ts";
import { safeText } from "./output/safe-text.ts";
import { printableJson, type Terminal } from "./output/terminal.ts";

/** Runs what was typed and answers the exit code. Never throws: an error is one line on stderr. */
export async function run(
  words: readonly string[],
  context: Omit<CommandContext, "terminal"> & { readonly terminal: Omit<Terminal, "json"> },
): Promise<ExitCode> {
  const json = beforeOperandsOnly(words).includes("--json");
  const terminal: Terminal = { ...context.terminal, json };
  try {
    return await dispatch(words, { ...context, terminal });
  } catch (error) {
    const { exitCode, code, message } = asCliError(error);
    const line = safeText(message);
    terminal.note(json ? printableJson({ error: { code, message: line, exitCode } }, 0) : `zs: ${line}`);
    return exitCode;
  }
}

/** What stands behind `--` is no option. */
const beforeOperandsOnly = (words: readonly string[]): readonly string[] =>
  words.includes("--") ? words.slice(0, words.indexOf("--")) : words;

async function dispatch(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const start = words.findIndex((word) => !word.startsWith("-"));
  const leading = start === -1 ? words : words.slice(0, start);
  const [first, ...others] = start === -1 ? [] : words.slice(start);
  if (first === undefined || first === "help")
    return showHelp(first === "help" || asksForHelp(leading), others, context);
  let [name, rest] = [first, others];
  for (let group = groupOf(name); group.length > 0; group = groupOf(name)) {
    const [next, ...further] = rest;
    if (next === undefined || next.startsWith("-")) {
      if (!asksForHelp(words)) throw usageError(`zs ${name} needs a command: ${namesOf(name, group)}`);
      return showHelp(true, name.split(" "), context);
    }
    [name, rest] = [`${name} ${next}`, further];
  }
  return runCommand(name, [...leading, ...rest], context);
}

/** The commands whose names begin with these words. */
const groupOf = (words: string): readonly Command[] => COMMANDS.filter(({ name }) => name.startsWith(`${words} `));

const asksForHelp = (words: readonly string[]): boolean => words.includes("--help") || words.includes("-h");

async function runCommand(name: string, words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) throw noSuchCommand(name);
  const input = readInput(command, words);
  return input.flag("help") ? showHelp(true, name.split(" "), context) : command.run(input, context);
}

/** Help about everything, a group of commands (`audit`) or one command. */
function showHelp(asked: boolean, about: readonly string[], { terminal }: CommandContext): ExitCode {
  if (!asked) throw usageError("name a command; zs --help lists them");
  const name = about.filter((word) => !word.startsWith("-")).join(" ");
  const command = COMMANDS.find((one) => one.name === name);
  const group = groupOf(name);
  if (name !== "" && !command && group.length === 0) throw noSuchCommand(name);
  terminal.print(command ? helpFor(command) : name === "" ? generalHelp(COMMANDS) : groupHelp(name, group));
  return ExitCode.Ok;
}

const noSuchCommand = (name: string): CliError => usageError(`there is no command "${name}"; zs --help lists them`);

/** The words that can come next. */
const namesOf = (group: string, commands: readonly Command[]): string =>
  [...new Set(commands.map(({ name }) => name.slice(group.length + 1).split(" ", 1)[0]))].join(", ");

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new CliError(ExitCode.Fault, "Fault", `unexpected fault: ${text.split("\n", 1)[0] ?? ""}`);
}
