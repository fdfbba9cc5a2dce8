/** The one key of the official emulator, and its text. */
export const ROOT_KEY = "RootManageSharedAccessKey";
export const EMULATOR_KEY = "SAS_KEY_VALUE";

/** How clients find a broker on this machine, in the form of the official emulator. */
export const connectionStringOf = (port: number, key: string, host = "127.0.0.1"): string =>
  `Endpoint=sb://${host}:${port};SharedAccessKeyName=${ROOT_KEY};SharedAccessKey=${key};UseDevelopmentEmulator=true;`;
