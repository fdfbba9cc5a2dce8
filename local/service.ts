/** Addresses and shared secrets of one running stack; known before any part starts. See README.md. */
export interface StackSettings {
  readonly dataDirectory: string;
  readonly addresses: StackAddresses;
  readonly secrets: StackSecrets;
}

/** Base URLs without a trailing slash, all `http://127.0.0.1:<port>`. `storage` and `serviceBus` are connection strings. */
export interface StackAddresses {
  readonly app: string;
  readonly graph: string;
  readonly login: string;
  readonly servicenow: string;
  readonly jira: string;
  readonly mailbox: string;
  readonly azure: string;
  readonly control: string;
  readonly storage: string;
  readonly serviceBus: string;
}

/** Made once per data directory, random. */
export interface StackSecrets {
  /** Of the app's own identity, in a split app the worker's; then those of its other parts. */
  readonly identityHeader: string;
  readonly frontIdentityHeader: string;
  readonly sweeperIdentityHeader: string;
  readonly signInClientSecret: string;
  readonly servicenowClientSecret: string;
  readonly servicenowWebhookSecret: string;
  readonly jiraApiToken: string;
  readonly jiraWebhookSecret: string;
  readonly jiraAutomationSecret: string;
}

/** Operations of the control API: `POST <control>/parts/<part>/<operation>` with the parameters as JSON body. */
export type ControlOperations = Readonly<Record<string, (parameters: Readonly<Record<string, unknown>>) => unknown>>;

/** A part of the local stack: loopback only, leaves no socket, timer or file lock behind after `stop`. */
export interface LocalService {
  readonly name: string;
  readonly control: ControlOperations;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Finishes what the part does of its own accord and is due by now (a webhook, a retry); answers whether there was
   * anything. Parts that only answer have none.
   */
  settle?(): Promise<boolean>;
}
