import { instant } from "./history.ts";
import { HTTP_ACTIVITY } from "./call-http.ts";
import type { DurableHttpRequest } from "./protocol.ts";
import type { ShimContext } from "./shim-context.ts";
import { ShimTask } from "./shim-task.ts";

const DEFAULT_SLEEP_MS = 30_000;

/** Calls the built-in activity; as long as it answers 202, waits and asks again at `Location`. */
export function callHttp(request: DurableHttpRequest, context: ShimContext): ShimTask {
  const whole = new ShimTask();
  const ask = (asked: DurableHttpRequest): void => {
    const call = context.open({
      kind: "task",
      id: context.takeId(),
      name: HTTP_ACTIVITY,
      input: JSON.stringify(asked),
    });
    call.whenSettled(() => {
      const later = call.failed || request.asynchronousPatternEnabled === false ? undefined : laterCall(call.result);
      if (!later) {
        whole.settle(call.failed, call.result);
        return;
      }
      const timer = context.open({ kind: "timer", id: context.takeId(), fireAt: instant(context.now + later.sleepMs) });
      timer.whenSettled(() => {
        // The platform cannot read a relative address: its call ends without a trace, and JavaScript waits for ever.
        if (URL.canParse(later.location)) ask(pollRequest(request, later.location));
        else whole.settle(true);
      });
    });
  };
  ask(request);
  return whole;
}

/** What a 202 says about asking again; undefined for everything else. */
function laterCall(result: string | null): { readonly location: string; readonly sleepMs: number } | undefined {
  const { statusCode, headers } = JSON.parse(result ?? "{}") as {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  };
  if (statusCode !== 202) return undefined;
  const header = (name: string): string | undefined =>
    Object.entries(headers ?? {})
      .find(([key]) => key.toLowerCase() === name)?.[1]
      .toString();
  const retryAfter = header("retry-after");
  return {
    location: header("location") ?? "",
    sleepMs: retryAfter === undefined ? DEFAULT_SLEEP_MS : Number(retryAfter) * 1000,
  };
}

/** The key of the first request is not the key of its status, so it does not go along. */
function pollRequest({ headers = {}, tokenSource }: DurableHttpRequest, uri: string): DurableHttpRequest {
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "x-functions-key");
  return {
    method: "GET",
    uri,
    headers: Object.fromEntries(kept),
    ...(tokenSource === undefined || tokenSource === null ? {} : { tokenSource }),
  };
}
