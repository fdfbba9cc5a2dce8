import { styleText } from "node:util";

/** Where a command says what it has to say. */
export interface Terminal {
  /** Whether the answer is one JSON value instead of text for people. */
  readonly json: boolean;
  readonly colour: boolean;
  /** A line of the answer. */
  print(text: string): void;
  /** A line beside the answer (what to do next in a browser), on stderr. */
  note(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** Text with colours where the terminal shows them. */
export const styled = ({ colour }: Pick<Terminal, "colour">, style: Style, text: string): string =>
  colour ? styleText(style, text, { validateStream: false }) : text;

/** The answer: the value as JSON if that was asked for, else the lines. */
export function answer(terminal: Terminal, value: unknown, lines: () => readonly string[]): void {
  if (terminal.json) terminal.print(printableJson(value));
  else for (const line of lines()) terminal.print(line);
}

/** JSON whose strings hold no raw control character, C1 and bidirectional ones included: a terminal shows it as it is. */
export const printableJson = (value: unknown, indent: number | undefined = 2): string =>
  JSON.stringify(value, undefined, indent).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" ? character : unicodeEscape(character),
  );

const unicodeEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, unit) => unit)
    .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`)
    .join("");
