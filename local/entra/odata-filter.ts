import { badRequest } from "./errors.ts";

type Resolve = (path: readonly string[]) => unknown;
type Predicate = (resolve: Resolve) => boolean;

interface Filter {
  readonly test: Predicate;
  /** Paths compared (`initiatedBy/user/id`); of a collection the path before `/any`. */
  readonly fields: readonly string[];
  /** Operators and functions used. */
  readonly operators: ReadonlySet<string>;
}

type Token =
  | { readonly kind: "text" | "word" | "sign"; readonly value: string }
  | { readonly kind: "literal"; readonly value: number | boolean | null | Date };

const TOKEN =
  /\s*(?:(?<text>'(?:[^']|'')*')|(?<instant>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|(?<word>[A-Za-z_$@][\w./-]*)|(?<number>-?\d+(?:\.\d+)?)|(?<sign>[(),:]))/y;

const COMPARISONS = ["eq", "ne", "gt", "ge", "lt", "le"];
const TEXT_FUNCTIONS: Readonly<Record<string, (value: string, part: string) => boolean>> = {
  startswith: (value, part) => value.startsWith(part),
  endswith: (value, part) => value.endsWith(part),
  contains: (value, part) => value.includes(part),
};

/** Understands a `$filter`; the part of OData that Graph documents for the lists here. Text compares without case. */
export function parseFilter(text: string, caseSensitive = false): Filter {
  return new Parser(text, caseSensitive).parse();
}

class Parser {
  readonly #tokens: Token[];
  readonly #text: string;
  readonly #fold: (text: string) => string;
  readonly #fields: string[] = [];
  readonly #operators = new Set<string>();
  #variables: readonly string[] = [];
  #at = 0;

  constructor(text: string, caseSensitive: boolean) {
    this.#text = text;
    this.#fold = caseSensitive ? (value) => value : (value) => value.toLowerCase();
    this.#tokens = this.#tokenize();
  }

  parse(): Filter {
    const test = this.#or();
    if (this.#at < this.#tokens.length) throw this.#invalid();
    return { test, fields: this.#fields, operators: this.#operators };
  }

  #tokenize(): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    while (this.#text.slice(TOKEN.lastIndex).trim() !== "") {
      const groups = TOKEN.exec(this.#text)?.groups;
      if (!groups) throw this.#invalid();
      tokens.push(tokenOf(groups));
    }
    return tokens;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#accept("or")) {
      const [a, b] = [left, this.#and()];
      left = (resolve) => a(resolve) || b(resolve);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#unary();
    while (this.#accept("and")) {
      const [a, b] = [left, this.#unary()];
      left = (resolve) => a(resolve) && b(resolve);
    }
    return left;
  }

  #unary(): Predicate {
    if (this.#accept("not")) {
      this.#operators.add("not");
      const inner = this.#unary();
      return (resolve) => !inner(resolve);
    }
    if (this.#accept("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    return this.#condition();
  }

  #condition(): Predicate {
    const name = this.#word();
    if (!this.#accept("(")) return this.#comparison(name);
    if (name.endsWith("/any")) return this.#any(name.slice(0, -"/any".length));
    const path = this.#field(this.#word());
    this.#expect(",");
    const argument = this.#fold(this.#textLiteral());
    this.#expect(")");
    this.#operators.add(name.toLowerCase());
    if (name === "isof") return (resolve) => typeOf(resolve(path)) === argument.replace(/^#?/, "#");
    const compare = TEXT_FUNCTIONS[name.toLowerCase()];
    if (!compare) throw this.#invalid();
    return (resolve) => compare(this.#fold(textOf(resolve(path))), argument);
  }

  #any(collection: string): Predicate {
    const path = this.#field(collection);
    const variable = this.#word();
    this.#expect(":");
    const outer = this.#variables;
    this.#variables = [...outer, variable];
    const inner = this.#or();
    this.#variables = outer;
    this.#expect(")");
    return (resolve) => {
      const items = resolve(path);
      return (
        Array.isArray(items) &&
        items.some((item: unknown) =>
          inner((wanted) => (wanted[0] === variable ? dig(item, wanted.slice(1)) : resolve(wanted))),
        )
      );
    };
  }

  #comparison(name: string): Predicate {
    const path = this.#field(name);
    const operator = this.#word();
    this.#operators.add(operator);
    if (operator === "in") {
      this.#expect("(");
      const wanted = [this.#literal()];
      while (this.#accept(",")) wanted.push(this.#literal());
      this.#expect(")");
      return this.#isOneOf(path, wanted);
    }
    if (!COMPARISONS.includes(operator)) throw this.#invalid();
    const literal = this.#literal();
    return (resolve) => holds(operator, this.#compare(resolve(path), literal));
  }

  #isOneOf(path: readonly string[], wanted: readonly Token[]): Predicate {
    if (wanted.some(({ kind }) => kind === "literal"))
      return (resolve) => wanted.some((literal) => this.#compare(resolve(path), literal) === 0);
    const texts = new Set(wanted.map(({ value }) => this.#fold(textOf(value))));
    return (resolve) => {
      const value = resolve(path);
      return typeof value === "string" && texts.has(this.#fold(value));
    };
  }

  /** Negative, zero or positive as the value is less than, equal to or greater than the literal; NaN: neither. */
  #compare(value: unknown, literal: Token): number {
    if (literal.kind !== "literal") {
      const [a, b] = [this.#fold(textOf(value)), this.#fold(literal.value)];
      return typeof value !== "string" ? NaN : a === b ? 0 : a < b ? -1 : 1;
    }
    if (literal.value === null) return value === null || value === undefined ? 0 : NaN;
    if (literal.value instanceof Date) return Date.parse(textOf(value)) - literal.value.getTime();
    return typeof value === typeof literal.value ? Number(value) - Number(literal.value) : NaN;
  }

  #field(path: string): readonly string[] {
    const segments = path.split("/");
    if (!this.#variables.includes(segments[0] ?? "")) this.#fields.push(path);
    return segments;
  }

  #literal(): Token {
    const token = this.#tokens[this.#at++];
    if (token?.kind === "text" || token?.kind === "literal") return token;
    throw this.#invalid();
  }

  #textLiteral(): string {
    const token = this.#literal();
    if (token.kind === "literal") throw this.#invalid();
    return token.value;
  }

  #word(): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== "word") throw this.#invalid();
    return token.value;
  }

  #accept(value: string): boolean {
    const token = this.#tokens[this.#at];
    if ((token?.kind !== "word" && token?.kind !== "sign") || token.value !== value) return false;
    this.#at++;
    return true;
  }

  #expect(value: string): void {
    if (!this.#accept(value)) throw this.#invalid();
  }

  #invalid(): Error {
    return badRequest(`Invalid filter clause: '${this.#text}'.`);
  }
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token {
  const { text, instant, word, number, sign } = groups;
  if (text !== undefined) return { kind: "text", value: text.slice(1, -1).replaceAll("''", "'") };
  if (instant !== undefined) return { kind: "literal", value: new Date(instant) };
  if (number !== undefined) return { kind: "literal", value: Number(number) };
  if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
  if (word === "null") return { kind: "literal", value: null };
  return word !== undefined ? { kind: "word", value: word } : { kind: "sign", value: sign ?? "" };
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    default:
      return order <= 0;
  }
}

/** Follows property names into a value. */
export const dig = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const typeOf = (value: unknown): string => textOf(dig(value, ["@odata.type"])).toLowerCase();
