import { createRequire } from "node:module";

// What Azurite lacks of shared access signatures for tables: it knows no table for a transaction, and lets one do anything.

interface Request {
  getQuery(name: string): string | undefined;
}
interface StorageContext {
  readonly context: { tableName?: string };
  readonly request?: Request;
}
interface Step {
  getMethod(): string;
  getPath(): string;
  getHeader(name: string): string | undefined;
}
interface Authenticator {
  validate: (this: Authenticator, request: Request, context: StorageContext) => Promise<boolean | undefined>;
}
interface Orchestrator {
  readonly context: StorageContext;
  processBatchRequestAndSerializeResponse: (this: Orchestrator, body: string) => Promise<string>;
  routeAndDispatchBatchRequest: (this: Orchestrator, step: Step, ...rest: readonly unknown[]) => Promise<unknown>;
}

/** What stands in the place of a table's name. */
const TRANSACTION = "$batch";

/**
 * A transaction carries the signature of its table (`tn`), and each step of it needs the permission that it would need alone.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas#permissions-for-a-table
 */
export function enforceTableSignatures(): void {
  const require = createRequire(import.meta.url);
  const azurite = (path: string): unknown =>
    (require(`azurite/dist/src/table/${path}.js`) as { default: { prototype: unknown } }).default.prototype;

  const authenticator = azurite("authentication/TableSASAuthenticator") as Authenticator;
  const validate = authenticator.validate;
  authenticator.validate = async function (this: Authenticator, request, context) {
    const { context: place } = context;
    const table = request.getQuery("tn");
    if (place.tableName !== TRANSACTION || table === undefined) return validate.call(this, request, context);
    place.tableName = table;
    try {
      return await validate.call(this, request, context);
    } finally {
      place.tableName = TRANSACTION;
    }
  };

  const errors = (
    require("azurite/dist/src/table/errors/StorageErrorFactory.js") as {
      default: { getAuthorizationPermissionMismatch(context: StorageContext): Error };
    }
  ).default;
  const orchestrator = azurite("batch/TableBatchOrchestrator") as Orchestrator;
  const { processBatchRequestAndSerializeResponse: work, routeAndDispatchBatchRequest: dispatch } = orchestrator;
  const signed = new WeakMap<Orchestrator, { readonly permissions: string; readonly table: string | undefined }>();
  orchestrator.processBatchRequestAndSerializeResponse = function (this: Orchestrator, body) {
    const { request } = this.context; // each step puts itself in its place
    const permissions = request?.getQuery("sp");
    if (permissions !== undefined) signed.set(this, { permissions, table: request?.getQuery("tn") });
    return work.call(this, body);
  };
  orchestrator.routeAndDispatchBatchRequest = function (this: Orchestrator, step, ...rest) {
    const by = signed.get(this);
    return !by || (tableOf(step) === by.table && permits(by.permissions, step))
      ? dispatch.call(this, step, ...rest)
      : Promise.reject(errors.getAuthorizationPermissionMismatch(this.context));
  };
}

const tableOf = (step: Step): string => decodeURIComponent(step.getPath()).replace(/\(.*$/, "");

/** An update of a row that may be absent adds it. */
function permits(permissions: string, step: Step): boolean {
  const alone = { GET: ["r"], POST: ["a"], DELETE: ["d"] }[step.getMethod()];
  const needed = alone ?? (step.getHeader("If-Match") === undefined ? ["a", "u"] : ["u"]);
  return needed.every((one) => permissions.includes(one));
}
