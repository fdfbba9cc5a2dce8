import { columnAt } from "./columns.ts";
import type { SnowRecord } from "./records.ts";

type Test = (actual: string) => boolean;
type ValueAt = (record: SnowRecord, path: string) => string;

interface Condition {
  readonly path: string;
  readonly test: Test;
}

/** The records that an encoded query selects, in the order it asks for. */
interface QueryContext {
  readonly table: string;
  readonly valueAt: ValueAt;
  /** The property `glide.invalid_query.returns_no_rows`; false on most instances. */
  readonly invalidReturnsNoRows: boolean;
}

/** `sys_user.active=true` style paths are letters, digits, `_` and dots; the operator follows without a space. */
const CONDITION = /^([a-z_][a-z0-9_.]*?)(ISNOTEMPTY|ISEMPTY|STARTSWITH|NOT IN|LIKE|IN|!=|>=|<=|=|>|<)(.*)$/s;

/**
 * Runs `a=1^b!=2^ORc=3^NQd=4^ORDERBYe`. A condition whose column or operator does not exist **is dropped**, so that a
 * query of nothing but mistakes selects every record, as the product does by default.
 */
export function runQuery(query: string, records: readonly SnowRecord[], context: QueryContext): readonly SnowRecord[] {
  const alternatives: Condition[][][] = [[]]; // any of (all of (any of conditions))
  const orders: { readonly path: string; readonly descending: boolean }[] = [];
  let invalid = false;

  for (const term of query.split("^").filter((part) => part !== "" && part !== "EQ")) {
    const order = /^ORDERBY(DESC)?(.+)$/.exec(term);
    if (order) {
      orders.push({ path: order[2] ?? "", descending: order[1] !== undefined });
      continue;
    }
    if (term.startsWith("NQ")) alternatives.push([]);
    const isOr = term.startsWith("OR");
    const condition = parseCondition(term.replace(/^(NQ|OR)/, ""), context.table);
    const all = alternatives.at(-1) ?? [];
    if (!condition) invalid = true;
    else if (isOr && all.length > 0) all.at(-1)?.push(condition);
    else all.push([condition]);
  }

  if (invalid && context.invalidReturnsNoRows) return [];
  const selected = records.filter((record) =>
    alternatives.some((all) =>
      all.every((any) => any.some(({ path, test }) => test(context.valueAt(record, path).toLowerCase()))),
    ),
  );
  return selected.toSorted((a, b) => {
    for (const { path, descending } of orders) {
      const difference = context.valueAt(a, path).localeCompare(context.valueAt(b, path));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}

function parseCondition(term: string, table: string): Condition | undefined {
  const [, path = "", operator = "", operand = ""] = CONDITION.exec(term) ?? [];
  const column = columnAt(table, path);
  if (!column || column.kind === "journal") return undefined;
  const test = testOf(operator, operand.toLowerCase());
  return test && { path, test };
}

/** Texts are compared without regard to case, as the product's database does. */
function testOf(operator: string, operand: string): Test | undefined {
  const among = (actual: string): boolean => operand.split(",").includes(actual);
  const tests: Readonly<Record<string, Test>> = {
    "=": (actual) => actual === operand,
    "!=": (actual) => actual !== operand,
    ">": (actual) => actual > operand,
    "<": (actual) => actual < operand,
    ">=": (actual) => actual >= operand,
    "<=": (actual) => actual <= operand,
    IN: among,
    "NOT IN": (actual) => !among(actual),
    LIKE: (actual) => actual.includes(operand),
    STARTSWITH: (actual) => actual.startsWith(operand),
    ISEMPTY: (actual) => actual === "",
    ISNOTEMPTY: (actual) => actual !== "",
  };
  return tests[operator];
}
