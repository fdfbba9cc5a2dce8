import type { Readable, Writable } from "node:stream";
import type { ExitCode } from "./exit-code.ts";
import type { Terminal } from "./output/terminal.ts";

/** What a command gets from the process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly terminal: Terminal;
  readonly input: Readable;
  /** For data as it is (`audit export`); text goes through the terminal. */
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly openBrowser: (url: string) => void;
  /** Ctrl-C: the process ends right after its listeners, which clear away what is half done. */
  readonly interrupted: AbortSignal;
}

/** An option of a command: with `value` (its name in the help) it takes one, without it is a switch. */
export interface OptionSpec {
  readonly value?: string;
  readonly help: string;
  readonly required?: true;
}

/** Words that are no options, such as ROLE or FILE. */
export interface OperandSpec {
  readonly name: string;
  readonly help: string;
  /** One or more instead of exactly one. */
  readonly many?: true;
}

/** What was typed, checked against the command's options and operands. */
export interface Input {
  readonly operands: readonly [string, ...string[]] | readonly [];
  /** The only operand of a command that takes exactly one. */
  operand(): string;
  required(option: string): string;
  optional(option: string): string | undefined;
  flag(option: string): boolean;
}

export interface Command {
  /** One to three words: `list`, `audit verify`, `queue rejected list`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does in detail, for its own help. */
  readonly details: string;
  readonly operand?: OperandSpec;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  run(input: Input, context: CommandContext): Promise<ExitCode>;
}
