import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

/** The parts of OpenAPI 3.0 that this file reads. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: unknown;
  readonly discriminator?: { readonly mapping: Readonly<Record<string, string>> };
}
interface Body {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
}
interface Operation {
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
  readonly parameters?: readonly Parameter[];
  readonly "x-documented-status"?: number;
}
interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** One exchange as a simulator keeps it; bodies are text, `truncated` ones are not looked at. */
export interface GraphExchange {
  readonly method: string;
  /** With `/v1.0` and the query. */
  readonly path: string;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
  readonly truncated?: boolean;
}

const contract = JSON.parse(
  readFileSync(new URL("../fixtures/graph-pim.openapi.json", import.meta.url), "utf8"),
) as Contract;

const listOfAnything = { "application/json": { schema: { type: "object", properties: { value: { type: "array" } } } } };
const listOfObjects = contract.paths["/groups/{group-id}/members"]?.["get"];
if (!listOfObjects) throw new Error("the contract lists no members of a group");
/** Documented lists that the contract leaves out: two of directory objects, the policies of Conditional Access, and whom a registration trusts. */
const paths: Contract["paths"] = {
  ...contract.paths,
  "/groups/{group-id}/owners": { get: listOfObjects },
  "/users/{user-id}/transitiveMemberOf": { get: listOfObjects },
  "/identity/conditionalAccess/policies": {
    get: { responses: { ...listOfObjects.responses, "2XX": { content: listOfAnything } } },
  },
  "/applications/{application-id}/federatedIdentityCredentials": {
    get: { responses: { ...listOfObjects.responses, "2XX": { content: listOfAnything } } },
  },
};

const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addFormat("base64url", true);
ajv.addSchema(contract, "graph");

/** What is wrong with an exchange by the contract of Microsoft Graph; nothing: an empty list. */
export function validateExchange(exchange: GraphExchange): string[] {
  if (exchange.truncated) return [];
  const url = new URL(exchange.path, "http://graph");
  const name = `${exchange.method} ${url.pathname}`;
  const operation = operationFor(exchange.method, url.pathname.replace(/^\/v1\.0(?=\/)/, ""));
  if (!operation) return exchange.status >= 400 ? [] : [`${name}: the contract has no such operation`];
  const problems = [
    ...queryProblems(operation, url),
    ...requestProblems(operation, exchange),
    ...responseProblems(operation, exchange),
  ];
  return problems.map((problem) => `${name} → ${exchange.status}: ${problem}`);
}

function operationFor(method: string, path: string): Operation | undefined {
  const candidates = Object.entries(paths).filter(([template]) => matches(template, path));
  const exact = candidates.find(([template]) => template === path) ?? candidates[0];
  return exact?.[1][method.toLowerCase()];
}

function matches(template: string, path: string): boolean {
  const [wanted, given] = [template.split("/"), path.split("/")];
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith("{") || part === given[index]);
}

function queryProblems(operation: Operation, url: URL): string[] {
  const known = (operation.parameters ?? []).map((parameter) => resolved(parameter).name);
  return [...url.searchParams.keys()]
    .filter((name) => name !== "$skiptoken" && !known.includes(name))
    .map((name) => `the query option ${name} is not in the contract`);
}

/** A refused request may be as wrong as it likes. */
function requestProblems(operation: Operation, { requestBody, status }: GraphExchange): string[] {
  if (status >= 400) return [];
  const schema = schemaOf(operation.requestBody);
  if (!schema) return requestBody === "" ? [] : ["the request has a body"];
  const body = parsed(requestBody);
  if (body === undefined) return ["the request body is no JSON"];
  const named = withContractNames(schema, body);
  return [...valueProblems(schema, named), ...unknownProperties(schema, named, "")].map((text) => `request ${text}`);
}

function responseProblems(operation: Operation, { status, responseBody }: GraphExchange): string[] {
  const documented = operation["x-documented-status"];
  const unexpected =
    status < 400 && documented !== undefined && status !== documented ? [`the documentation says ${documented}`] : [];
  const answer = operation.responses[`${Math.floor(status / 100)}XX`];
  const schema = answer && schemaOf(answer);
  const body = parsed(responseBody);
  if (!schema) return responseBody === "" ? unexpected : [...unexpected, "the response has a body"];
  if (body === undefined) return [...unexpected, "the response body is no JSON"];
  return [...unexpected, ...valueProblems(schema, body).map((text) => `response ${text}`)];
}

/** Problems of a value, then those of the values inside it that say of themselves of which type they are. */
function valueProblems(schema: Schema, value: unknown): string[] {
  const problems = schemaProblems(schema, value);
  for (const { ref, value: inner, at } of typedValues(schema, value, ""))
    problems.push(...schemaProblems({ $ref: ref }, inner).map((text) => `${at}${text}`));
  return problems;
}

function schemaProblems(schema: Schema, value: unknown): string[] {
  const validate = validatorOf(schema);
  return validate(value) ? [] : (validate.errors ?? []).map(inWords);
}

const validators = new Map<string, ValidateFunction>();

/** Compiling takes far longer than validating. */
function validatorOf(schema: Schema): ValidateFunction {
  const text = JSON.stringify(schema);
  const validate = validators.get(text) ?? ajv.compile(inContract(schema));
  validators.set(text, validate);
  return validate;
}

const inWords = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`;

/** `discriminator` is not looked at by the validator: `@odata.type` says which schema the value must fit as well. */
function* typedValues(
  schema: Schema,
  value: unknown,
  at: string,
): Generator<{ readonly ref: string; readonly value: unknown; readonly at: string }> {
  if (Array.isArray(value)) {
    for (const part of partsOf(schema))
      if (part.items)
        for (const [index, item] of value.entries()) yield* typedValues(part.items, item, `${at}/${index}`);
  } else if (isRecord(value)) {
    const parts = partsOf(schema);
    const type = value["@odata.type"];
    const ref = parts.map(({ discriminator }) => discriminator?.mapping[String(type)]).find(Boolean);
    if (ref !== undefined) yield { ref, value, at };
    const all = ref === undefined ? parts : partsOf({ $ref: ref });
    for (const [name, inner] of Object.entries(value)) {
      const property = all.map(({ properties }) => properties?.[name]).find(Boolean);
      if (property) yield* typedValues(property, inner, `${at}/${name}`);
    }
  }
}

/** A name that Graph does not know is a typing error of the client, unless the type is open. */
function unknownProperties(schema: Schema, value: unknown, at: string): string[] {
  const declared = partsOf(schema);
  const type = isRecord(value) ? String(value["@odata.type"]) : "";
  const ref = declared.map(({ discriminator }) => discriminator?.mapping[type]).find(Boolean);
  const parts = ref === undefined ? declared : partsOf({ $ref: ref });
  if (Array.isArray(value))
    return value.flatMap((item, index) =>
      parts.flatMap(({ items }) => (items ? unknownProperties(items, item, `${at}/${index}`) : [])),
    );
  const isOpen = parts.some(({ additionalProperties }) => additionalProperties !== undefined);
  if (!isRecord(value) || isOpen || !parts.some(({ properties }) => properties)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = parts.map(({ properties }) => properties?.[name]).find(Boolean);
    return property ? unknownProperties(property, inner, `${at}/${name}`) : [`${at}/${name} is not in the contract`];
  });
}

/** A schema with everything it refers to and is made of. */
function partsOf(schema: Schema): Schema[] {
  const own = resolved(schema);
  return [own, ...[...(own.allOf ?? []), ...(own.anyOf ?? [])].flatMap(partsOf)];
}

/** Graph takes top-level names in any letter case (`message` for `Message`); the validator does not. */
function withContractNames(schema: Schema, body: unknown): unknown {
  if (!isRecord(body)) return body;
  const names = partsOf(schema).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const contractName = (name: string): string =>
    names.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [contractName(name), value]));
}

const schemaOf = (body: Body | undefined): Schema | undefined =>
  body && resolved(body).content?.["application/json"]?.schema;

function resolved<T extends { readonly $ref?: string }>(value: T): T {
  if (value.$ref === undefined) return value;
  const names = value.$ref.split("/").slice(1);
  const target = names.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), contract);
  return resolved(target as T);
}

/** The same schema with its references leading into the registered contract. */
const inContract = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"graph#/components')) as Schema;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
