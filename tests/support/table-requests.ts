import type { TableServiceClientOptions } from "@azure/data-tables";

type AdditionalPolicy = NonNullable<TableServiceClientOptions["additionalPolicies"]>[number];
type Policy = AdditionalPolicy["policy"];
type Request = Parameters<Policy["sendRequest"]>[0];
type Send = Parameters<Policy["sendRequest"]>[1];

/** Sees every request to the tables; a test may count them, fail one, or hold one up. */
export interface RequestTap {
  /** `METHOD table`, `BATCH` for a group, in the order of sending. */
  readonly sent: string[];
  /** Replaces the sending of a request; `undefined` = as usual. */
  onRequest: ((request: Request, index: number, send: () => ReturnType<Send>) => ReturnType<Send>) | undefined;
  readonly options: Pick<TableServiceClientOptions, "additionalPolicies">;
}

/** `perCall`: around the SDK's retries; `perRetry`: every single try. */
export function tapRequests(position: AdditionalPolicy["position"] = "perCall"): RequestTap {
  const tap: RequestTap = {
    sent: [],
    onRequest: undefined,
    options: {
      additionalPolicies: [
        {
          position,
          policy: {
            name: "tap",
            sendRequest: (request, next) => {
              const index = tap.sent.push(nameOf(request)) - 1;
              const send = (): ReturnType<Send> => next(request);
              return tap.onRequest ? tap.onRequest(request, index, send) : send();
            },
          },
        },
      ],
    },
  };
  return tap;
}

const nameOf = ({ method, url, body }: Request): string => {
  const path = new URL(url).pathname.split("/").slice(2).join("/");
  if (!path.endsWith("$batch")) return `${method} ${path.replace(/\(.*$/, "")}`;
  const table = /devstoreaccount1\/([a-z]+)/.exec(typeof body === "string" ? body : "")?.[1] ?? "";
  return `BATCH ${table}`;
};
