/** The one key of the official emulator, and its text. */
export const ROOT_KEY = "RootManageSharedAccessKey";
export const EMULATOR_KEY = "SAS_KEY_VALUE";

/**
 * How clients find a broker on this machine: in the form of the official emulator, which means plain TCP, or with TLS in
 * Azure's own.
 */
export const connectionStringOf = (port: number, key: string, isTls = false): string =>
  `Endpoint=sb://${isTls ? "localhost" : "127.0.0.1"}:${port};SharedAccessKeyName=${ROOT_KEY};SharedAccessKey=${key};` +
  (isTls ? "" : "UseDevelopmentEmulator=true;");
