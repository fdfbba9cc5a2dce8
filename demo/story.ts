import { styleText } from "node:util";

/** One thing the product promises, and whether it held here. */
export interface CheckedPromise {
  /** `<scene>/<name>`: stable, for reports. */
  readonly id: string;
  readonly promise: string;
  readonly held: boolean;
  /** What was seen; printed when the promise did not hold. */
  readonly evidence: unknown;
}

type Style = Parameters<typeof styleText>[0];

// Colours on a terminal only; `styleText` also obeys NO_COLOR and FORCE_COLOR.
const painted = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

const LABEL_WIDTH = 9;
const INDENT = " ".repeat(9);
const WIDTH = 100;

/** Tells what happens, in words, and keeps what was promised. */
export class Story {
  readonly promises: CheckedPromise[] = [];
  readonly #now: () => number;
  #scene = "";

  /** `now` is the clock of the world that the story plays in. */
  constructor(now: () => number) {
    this.#now = now;
  }

  title(text: string, lines: readonly string[]): void {
    this.#print("", painted("bold", text), ...lines);
  }

  scene(id: string, title: string, intro: string): void {
    this.#scene = id;
    this.#print("", painted(["bold", "cyan"], `── ${title} ${"─".repeat(Math.max(3, WIDTH - title.length - 4))}`));
    this.#print(...wrapped(intro, WIDTH), "");
  }

  /** Something that somebody does, with the time on the clock of the story (UTC). */
  step(text: string): void {
    const [first = "", ...rest] = wrapped(text, WIDTH - INDENT.length);
    const time = new Date(this.#now()).toISOString().slice(11, 16);
    this.#print(`${painted("dim", time.padEnd(INDENT.length))}${first}`, ...rest.map((line) => INDENT + line));
  }

  /** Something to look at, as it really is: a link, a request, a record. */
  show(label: string, ...lines: readonly string[]): void {
    lines
      .flatMap((line) => line.split("\n"))
      .forEach((line, index) => {
        const name = index === 0 ? label : "";
        this.#print(`${INDENT}${painted("magenta", name.padEnd(LABEL_WIDTH))} ${painted("dim", line)}`);
      });
  }

  promise(name: string, promise: string, held: boolean, evidence: unknown): void {
    this.promises.push({ id: `${this.#scene}/${name}`, promise, held, evidence });
    const [first = "", ...rest] = wrapped(promise, WIDTH - INDENT.length - 2);
    const mark = held ? painted(["bold", "green"], "✔") : painted(["bold", "red"], "✘");
    this.#print(`${INDENT}${mark} ${first}`, ...rest.map((line) => `${INDENT}  ${line}`));
    if (!held) this.#print(painted("red", `${INDENT}  NOT HELD. Seen: ${JSON.stringify(evidence)}`));
  }

  close(seconds: number): void {
    const broken = this.promises.filter(({ held }) => !held);
    const total = this.promises.length;
    const time = `${seconds.toFixed(1)} s`;
    this.#print("");
    if (broken.length === 0) this.#print(painted(["bold", "green"], `All ${total} promises held (${time}).`));
    else this.#print(painted(["bold", "red"], `${broken.length} of ${total} promises did NOT hold (${time}):`));
    this.#print(...broken.map(({ id, promise }) => `  ${id}: ${promise}`));
  }

  #print(...lines: readonly string[]): void {
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
