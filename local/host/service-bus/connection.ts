type Environment = Readonly<Record<string, string | undefined>>;

/** How to reach a namespace: with a key, or as an identity that the platform gives the app (`clientId` none: its own one). */
export type Connection =
  | { readonly kind: "key"; readonly connectionString: string }
  | { readonly kind: "identity"; readonly fullyQualifiedNamespace: string; readonly clientId: string | undefined };

const PREFIX = "AzureWebJobs";
/** With the prefix: AzureWebJobsServiceBus. */
const DEFAULT_NAME = "ServiceBus";
const LOOKS_LIKE_A_SECRET = /Endpoint=|SharedAccessKey=/i;
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;
const NAMESPACE = "fullyQualifiedNamespace";
/** Other members that the platform knows, for identities that there are not here. */
const UNKNOWN = ["tenantId", "clientSecret", "managedIdentityResourceId", "managedIdentityObjectId"] as const;

/**
 * What a trigger's `connection` names; a connection string wins over an identity.
 * @throws Error with the platform's sentence if there is none, or one that names the setting that is of no use
 */
export function resolveConnection(connection: unknown, environment: Environment): Connection {
  const name = typeof connection === "string" && connection !== "" ? connection : DEFAULT_NAME;
  for (const setting of [`${PREFIX}${name}`, name]) {
    const connectionString = environment[setting];
    if (connectionString) return { kind: "key", connectionString };
    const namespace = environment[`${setting}__${NAMESPACE}`];
    if (namespace) return identityOf(setting, namespace, environment);
  }
  const told = LOOKS_LIKE_A_SECRET.test(name)
    ? "<< REDACTED >> (a full connection string was incorrectly used instead of a connection name)"
    : name;
  throw new Error(`Service Bus connection '${told}' does not exist. Make sure that it is a defined App Setting.`);
}

/** The properties of an identity-based connection. @see https://learn.microsoft.com/azure/azure-functions/functions-reference#common-properties-for-identity-based-connections */
function identityOf(setting: string, fullyQualifiedNamespace: string, environment: Environment): Connection {
  const refuse = (member: string, why: string): never => {
    throw new Error(`Service Bus connection '${setting}' is an identity, and ${setting}__${member} ${why}.`);
  };
  if (!HOST.test(fullyQualifiedNamespace)) refuse(NAMESPACE, "is no host name");
  const credential = environment[`${setting}__credential`];
  if (credential !== undefined && credential.toLowerCase() !== "managedidentity")
    refuse("credential", "can only be managedidentity here");
  for (const member of UNKNOWN) if (environment[`${setting}__${member}`]) refuse(member, "is not known here");
  return { kind: "identity", fullyQualifiedNamespace, clientId: environment[`${setting}__clientId`] };
}
