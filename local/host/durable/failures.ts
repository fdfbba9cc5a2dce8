const CREDENTIALS =
  /(?:Token=|DefaultEndpointsProtocol=http|AccountKey=|Data Source=|Server=|Password=|pwd=|&amp;sig=|&sig=|\?sig=|SharedAccessKey=|&amp;code=|&code=|\?code=)[^<"']*/gi;

/** What the host does to every error text: from a word that looks like a credential to the next quote. */
export const sanitize = (text: string): string => text.replace(CREDENTIALS, "[Hidden Credential]");

/** A call that got no answer: without the words that stand in front of an activity's message. */
export const callHttpFailure = (error: Error): { reason: string; details: string } => ({
  reason: error.message,
  details: JSON.stringify({
    $type: "System.Net.Http.HttpRequestException, System.Net.Http",
    ClassName: "System.Net.Http.HttpRequestException",
    Message: error.message,
    StackTraceString: null,
    HResult: -2147467259,
    Source: "local",
  }),
});

/** The failure of an activity, with the serialised exception that the .NET side puts into its details. */
export function activityFailure(name: string, error: Error): { reason: string; details: string } {
  const message = sanitize(error.message);
  const stack = sanitize(error.stack ?? "");
  const details = JSON.stringify({
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
      Data: { $type: "System.Collections.ListDictionaryInternal, System.Private.CoreLib" },
      InnerException: null,
      HelpLink: null,
      Source: "local",
      HResult: -2146233088,
      StackTrace: null,
    },
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  });
  return { reason: `Activity function '${name}' failed:  ${message}`, details };
}
