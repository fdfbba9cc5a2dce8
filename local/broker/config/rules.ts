import type { Rule, SystemProperty } from "../model/settings.ts";
import type { Reader } from "./reader.ts";

/** The emulator's names of what a correlation filter compares. */
const SYSTEM_NAMES: Readonly<Record<string, SystemProperty>> = {
  CorrelationId: "correlationId",
  MessageId: "messageId",
  To: "to",
  ReplyTo: "replyTo",
  Label: "subject",
  Subject: "subject",
  SessionId: "sessionId",
  ReplyToSessionId: "replyToSessionId",
  ContentType: "contentType",
};

/** A rule of a subscription. Of SQL only the constants `1=1` and `1=0` are known. */
export function readRule(rule: Reader): Rule {
  rule.at("Name").text();
  const properties = rule.at("Properties");
  if (!properties.at("Action").isAbsent && properties.at("Action").at("SqlExpression").optionalText() !== undefined)
    properties.at("Action").fail("is not supported: a rule here filters and changes nothing");
  switch (properties.at("FilterType").text().toLowerCase()) {
    case "correlation":
      return readCorrelation(properties.at("CorrelationFilter"));
    case "sql":
      return readSql(properties.at("SqlFilter").at("SqlExpression"));
    case "true":
      return { kind: "all" };
    case "false":
      return { kind: "none" };
    default:
      return properties.at("FilterType").fail('is neither "Correlation" nor "Sql"');
  }
}

function readSql(expression: Reader): Rule {
  switch (expression.text().replaceAll(" ", "")) {
    case "1=1":
      return { kind: "all" };
    case "1=0":
      return { kind: "none" };
    default:
      return expression.fail(
        `is not supported: "${expression.text()}"; only 1=1 and 1=0 are, use a correlation filter instead`,
      );
  }
}

function readCorrelation(filter: Reader): Rule {
  const system: Partial<Record<SystemProperty, string>> = {};
  for (const [name] of Object.entries(filter.fields())) {
    if (name === "Properties") continue;
    const property = SYSTEM_NAMES[name] ?? filter.at(name).fail("is not a property that a correlation filter knows");
    const text = filter.at(name).optionalText();
    if (text !== undefined) system[property] = text;
  }
  const properties = filter.at("Properties").isAbsent ? {} : textsIn(filter.at("Properties"));
  if (Object.keys(system).length + Object.keys(properties).length === 0) filter.fail("compares nothing");
  return { kind: "correlation", system, properties };
}

/** Numbers and booleans compare by their text. */
const textsIn = (properties: Reader): Record<string, string> =>
  Object.fromEntries(
    Object.entries(properties.fields()).map(([name, value]) => {
      const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      return [name, isPlain ? String(value) : properties.at(name).fail("is not a text, number or boolean")];
    }),
  );
