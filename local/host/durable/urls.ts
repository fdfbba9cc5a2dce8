/** Where the task hub is reached and with which key. */
export interface HubAddress {
  /** `http://127.0.0.1:P/runtime/webhooks/durabletask`, guarded by `key` as the query parameter `code`. */
  readonly baseUrl: string;
  readonly key: string;
  /** `http://127.0.0.1:P/<secret>/durabletask/`, what the SDK calls; ends in `/`. */
  readonly rpcBaseUrl: string;
}

/** A key may hold what means something else in an address. */
const codeOf = (key: string): string => `code=${encodeURIComponent(key)}`;

/** The management URLs of one instance, as the answer to a start carries them. */
export function managementUrls(hubName: string, { baseUrl, key }: HubAddress, instanceId: string) {
  const instance = `${baseUrl}/instances/${encodeURIComponent(instanceId)}`;
  const rest = `taskHub=${hubName}&connection=Storage&${codeOf(key)}`;
  return {
    id: instanceId,
    statusQueryGetUri: `${instance}?${rest}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${rest}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${rest}`,
    purgeHistoryDeleteUri: `${instance}?${rest}`,
    restartPostUri: `${instance}/restart?${rest}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${rest}`,
    resumePostUri: `${instance}/resume?reason={text}&${rest}`,
  };
}

/** What the durableClient binding carries: the SDK calls `rpcBaseUrl` and hands out the rest. */
export function clientBinding(hubName: string, address: HubAddress): string {
  const urls = managementUrls(hubName, address, "INSTANCEID");
  const { id, statusQueryGetUri, sendEventPostUri, terminatePostUri, ...others } = urls;
  const code = codeOf(address.key);
  const start = `${address.baseUrl}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: hubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${start}?${code}`,
      createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: {
      id,
      statusQueryGetUri,
      sendEventPostUri,
      terminatePostUri,
      rewindPostUri: terminatePostUri.replace("/terminate?", "/rewind?"),
      ...others,
    },
    baseUrl: address.baseUrl,
    requiredQueryStringParameters: code,
    rpcBaseUrl: address.rpcBaseUrl,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  });
}
