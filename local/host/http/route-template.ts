/** A route template of ASP.NET Core, as the platform reads it: `items/{id:int}/{name?}`, `files/{*path}`. */
export interface RouteTemplate {
  /** Sorts before the routes that are less specific. */
  readonly precedence: string;
  /** The parameters of a path without leading slash; `undefined` = no match. */
  match(path: string): Readonly<Record<string, string>> | undefined;
}

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly fallback: string | undefined;
  readonly accepts: (value: string) => boolean;
}

interface Segment {
  readonly pattern: string;
  readonly parameters: readonly Parameter[];
  /** As ASP.NET ranks segments: literal, constrained, plain, catch-all. */
  readonly rank: 1 | 2 | 3 | 5;
  readonly mayBeAbsent: boolean;
}

/** @throws Error if the template cannot be read */
export function parseRouteTemplate(template: string): RouteTemplate {
  const segments = template
    .split("/")
    .filter((text) => text !== "")
    .map(parseSegment);
  const expression = new RegExp(`^${segments.map(segmentExpression).join("")}/?$`, "i");
  const parameters = segments.flatMap((segment) => segment.parameters);
  return {
    precedence: segments.map(({ rank }) => rank).join(""),
    match: (path) => {
      const match = expression.exec(`/${path}`);
      return match ? bind(parameters, match.slice(1)) : undefined;
    },
  };
}

const segmentExpression = ({ pattern, mayBeAbsent }: Segment): string =>
  mayBeAbsent ? `(?:/${pattern})?` : `/${pattern}`;

function bind(parameters: readonly Parameter[], values: readonly (string | undefined)[]) {
  const bound: Record<string, string> = {};
  for (const [index, { name, fallback, accepts }] of parameters.entries()) {
    const raw = values[index];
    const value = raw === undefined || raw === "" ? fallback : decode(raw);
    if (value === undefined) continue;
    if (!accepts(value)) return undefined;
    bound[name] = value;
  }
  return bound;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseSegment(text: string): Segment {
  const parameters: Parameter[] = [];
  let pattern = "";
  let rank: Segment["rank"] = 1;
  let rest = text;
  const maySkip = /\.\{[^{}]*\?\}$/.test(text);
  while (rest !== "") {
    const open = rest.indexOf("{");
    const close = closingBrace(rest, open);
    if (open < 0) {
      pattern += escaped(rest);
      break;
    }
    if (close < 0) throw new Error(`the route segment "${text}" has an open brace`);
    const inner = rest.slice(open + 1, close);
    const catchAll = inner.startsWith("*");
    const parameter = parseParameter(inner.replace(/^\*{1,2}/, ""));
    parameters.push(parameter);
    pattern += parameterPattern(rest.slice(0, open), catchAll, maySkip, close === rest.length - 1);
    rank = catchAll ? 5 : inner.includes(":") ? 2 : 3;
    rest = rest.slice(close + 1);
  }
  const [only] = parameters;
  const whole = parameters.length === 1 && /^\{[^]*\}$/.test(text);
  const mayBeAbsent = whole && only !== undefined && (only.optional || only.fallback !== undefined || rank === 5);
  return { pattern, parameters, rank, mayBeAbsent };
}

/** Inside a segment the front takes what it can; `{name}.{ext?}` may end in front of its last dot. */
function parameterPattern(before: string, catchAll: boolean, maySkip: boolean, isLast: boolean): string {
  if (catchAll) return `${escaped(before)}(.*)`;
  if (maySkip && isLast) return `${escaped(before.slice(0, -1))}(?:\\.([^/.]+))?`;
  return `${escaped(before)}${maySkip ? "([^/]+?)" : "([^/]+)"}`;
}

/** Constraints such as `{id:regex(^a{{3}}$)}` hold doubled braces. */
function closingBrace(text: string, open: number): number {
  for (let index = open + 1; open >= 0 && index < text.length; index++) {
    if (text[index] !== "}") continue;
    if (text[index + 1] !== "}" || index + 2 === text.length) return index;
    index++;
  }
  return -1;
}

function parseParameter(text: string): Parameter {
  const [, name = "", constraints = "", fallback, optional] =
    /^([^:=?]+)((?::[^:=?(]+(?:\([^]*?\))?)*)(?:=([^]*))?(\?)?$/.exec(text) ?? [];
  if (name === "") throw new Error(`the route parameter {${text}} cannot be read`);
  const checks = [...constraints.matchAll(/:([^:(]+)(?:\(([^]*?)\))?(?=:|$)/g)].map(([, kind = "", argument = ""]) =>
    constraint(kind, argument),
  );
  return { name, optional: optional === "?", fallback, accepts: (value) => checks.every((check) => check(value)) };
}

const PATTERNS: Readonly<Record<string, RegExp>> = {
  alpha: /^[a-z]*$/i,
  bool: /^(true|false)$/i,
  guid: /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i,
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  decimal: /^-?\d+(\.\d+)?$/,
  double: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  float: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i,
  required: /^./s,
};

function constraint(kind: string, argument: string): (value: string) => boolean {
  const [first = Number.NaN, second = first] = argument.split(",").map(Number);
  const pattern = PATTERNS[kind];
  if (pattern) return (value) => pattern.test(value);
  switch (kind) {
    case "length":
      return (value) => value.length >= first && value.length <= second;
    case "minlength":
      return (value) => value.length >= first;
    case "maxlength":
      return (value) => value.length <= first;
    case "min":
      return (value) => Number(value) >= first;
    case "max":
      return (value) => Number(value) <= first;
    case "range":
      return (value) => Number(value) >= first && Number(value) <= second;
    case "datetime":
      return (value) => !Number.isNaN(Date.parse(value));
    case "regex": {
      const expression = new RegExp(argument.replaceAll("{{", "{").replaceAll("}}", "}"), "i");
      return (value) => expression.test(value);
    }
    default:
      throw new Error(`the route constraint "${kind}" is unknown`);
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
