type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = "AzureWebJobs";
/** With the prefix: AzureWebJobsServiceBus. */
const DEFAULT_NAME = "ServiceBus";
const LOOKS_LIKE_A_SECRET = /Endpoint=|SharedAccessKey=/i;

/**
 * The connection string that a trigger's `connection` names. @throws Error with the platform's sentence if there is none
 */
export function resolveConnection(connection: unknown, environment: Environment): string {
  const name = typeof connection === "string" && connection !== "" ? connection : DEFAULT_NAME;
  for (const setting of [`${PREFIX}${name}`, name]) {
    const connectionString = environment[setting];
    if (connectionString) return connectionString;
    if (environment[`${setting}__fullyQualifiedNamespace`])
      throw new Error(
        `Service Bus connection '${setting}' is an identity (${setting}__fullyQualifiedNamespace), which this host does not have: set ${setting} to a connection string.`,
      );
  }
  const told = LOOKS_LIKE_A_SECRET.test(name)
    ? "<< REDACTED >> (a full connection string was incorrectly used instead of a connection name)"
    : name;
  throw new Error(`Service Bus connection '${told}' does not exist. Make sure that it is a defined App Setting.`);
}
