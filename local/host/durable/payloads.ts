import type { TypedData } from "../typed-data.ts";
import type { OrchestratorState } from "./actions.ts";

const MARKER = "$OutOfProcData$:";

/** Text that looks like a credential is blanked, as the host's own sanitizer does. */
export const sanitized = (text: string): string =>
  text.replaceAll(/(?:password|pwd|accountkey|sharedaccesskey|sig|secret)\s*=\s*[^;"'\s]*/gi, "[Hidden Credential]");

/** The input of an activity as its trigger gets it: nothing is no data, booleans are the texts `True` and `False`. */
export function taskInput(input: string | null): TypedData {
  if (input === null) return {};
  return { string: input === "true" ? "True" : input === "false" ? "False" : input };
}

/** What an activity returned, as JSON text of the history. */
export function resultText(data: TypedData | undefined): string | null {
  if (data?.json !== undefined) return data.json;
  if (data?.string !== undefined) return JSON.stringify(data.string);
  if (data?.int !== undefined) return JSON.stringify(data.int);
  if (data?.double !== undefined) return JSON.stringify(data.double);
  if (data?.bytes !== undefined) return JSON.stringify(Buffer.from(data.bytes).toString("base64"));
  return null;
}

/** An orchestrator that threw says its state in the text of the error; anything else failed without one. */
export function parseFailedOrchestrator(error: unknown): OrchestratorState {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.indexOf(MARKER);
  if (at >= 0) {
    try {
      return JSON.parse(sanitized(message.slice(at + MARKER.length))) as OrchestratorState;
    } catch {
      // the sanitizer spoilt it, as it does on the real host
    }
  }
  return { isDone: false, actions: [[]], error: sanitized(message) };
}

/** Reason and Details of a failed activity in the engine's own form. */
export function failedActivity(name: string, error: unknown): { readonly Reason: string; readonly Details: string } {
  const message = sanitized(error instanceof Error ? error.message : String(error));
  const stack = sanitized(error instanceof Error ? (error.stack ?? "") : "");
  const details = {
    $type: "System.Exception, System.Private.CoreLib",
    ClassName: "System.Exception",
    Message: ` ${message}`,
    Data: null,
    InnerException: {
      $type: "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script",
      IsUserException: true,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
    },
  };
  return { Reason: `Activity function '${name}' failed:  ${message}`, Details: JSON.stringify(details) };
}
