type Json = Readonly<Record<string, unknown>>;

/** An operation as written here; `openapi.ts` spells out what all have in common. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly ["activations" | "identity team" | "webhooks" | "pages" | "service"];
  /** Names of security schemes, any of which will do; none = open to everybody. */
  readonly security: readonly ("person" | "servicenow" | "jira" | "jiraAutomation")[];
  readonly parameters?: readonly Json[];
  /** Media type and name of the schema. */
  readonly body?: { readonly media: string; readonly schema: string };
  readonly success: {
    readonly status: number;
    readonly description: string;
    readonly media?: string;
    readonly schema?: string;
    readonly headers?: Json;
  };
  /** Statuses of problems (RFC 9457). */
  readonly problems: readonly number[];
}

const JSON_MEDIA = "application/json";
const HTML = "text/html";
const text = (pattern: string): Json => ({ type: "string", pattern });
const inPath = (name: string, pattern: string): Json => ({ name, in: "path", required: true, schema: text(pattern) });
const header = (name: string, schema: Json, required: boolean): Json => ({ name, in: "header", required, schema });
const inQuery = (name: string, description: string): Json => ({
  name,
  in: "query",
  description,
  schema: { type: "string", format: "date-time" },
});

const activationId = inPath("id", "^[0-9a-f]{32}$");
const shelf = inPath("shelf", "^(rejected|dead-letters)$");
const keptMessageId = inPath("id", "^[a-z][a-z0-9-]{0,63}\\.[1-9][0-9]{0,18}$");
const linkToken = inPath("token", "^[A-Za-z0-9_-]{1,200}$");
const location = { location: { description: "Address of the activation.", schema: { type: "string" } } };
const activation = { media: JSON_MEDIA, schema: "ActivationView" };
const page = { status: 200, description: "A page.", media: HTML };
const goOn = { status: 303, description: "Goes on to a page or to the sign-in.", headers: location };
const jsonBody = (schema: string): NonNullable<Operation["body"]> => ({ media: JSON_MEDIA, schema });
const answers = (description: string, schema: string): Operation["success"] => ({
  status: 200,
  description,
  media: JSON_MEDIA,
  schema,
});
const changeToConfirm = {
  status: 202,
  description: "The change, to be confirmed.",
  media: JSON_MEDIA,
  schema: "Change",
  headers: location,
};

/** For whom an operation is, and how it knows them. */
const FOR_PERSONS = { tags: ["activations"], security: ["person"] } as const;
const FOR_TEAM = { tags: ["identity team"], security: ["person"] } as const;
/** A page knows people by its own sign-in, and says in HTML what is wrong. */
const PAGE = { tags: ["pages"], security: [], problems: [] } as const;

/** Every HTTP route of the app with its operations. */
export const PATHS: Readonly<Record<string, Readonly<Partial<Record<"get" | "post", Operation>>>>> = {
  "/api/activations": {
    post: {
      operationId: "requestActivation",
      summary: "Asks for a role",
      description:
        "Who asks comes from the token only. The same request again gets the same activation; a further use of the ticket needs a new `Idempotency-Key`. Nothing is granted before the person proves the request with a fresh sign-in.",
      ...FOR_PERSONS,
      parameters: [header("Idempotency-Key", text("^[A-Za-z0-9_-]{8,64}$"), false)],
      body: jsonBody("RequestActivation"),
      success: { status: 202, description: "The activation, new or known.", ...activation, headers: location },
      problems: [400, 401, 403, 409, 413, 415, 422, 503],
    },
    get: {
      operationId: "listActivations",
      summary: "Lists the caller's own activations and those that wait for the caller",
      ...FOR_PERSONS,
      success: answers("The newest fifty.", "ActivationList"),
      problems: [401, 403],
    },
  },
  "/api/activations/{id}": {
    get: {
      operationId: "showActivation",
      summary: "Shows one activation to its requester, its approvers and the identity team",
      ...FOR_PERSONS,
      parameters: [activationId],
      success: { status: 200, description: "The activation.", ...activation },
      problems: [401, 403, 404],
    },
  },
  "/api/activations/{id}/end": {
    post: {
      operationId: "endActivation",
      summary: "Ends the access early, or withdraws the request",
      description: "Has no body. Asking again changes nothing. The access is gone when the status says `Ended`.",
      ...FOR_PERSONS,
      parameters: [activationId],
      success: { status: 202, description: "The activation as it is now.", ...activation, headers: location },
      problems: [401, 403, 404, 409],
    },
  },
  "/api/freeze": {
    get: {
      operationId: "showFreeze",
      summary: "The page of the freeze in force, for the identity team after a sign-in; changes nothing",
      ...PAGE,
      success: page,
    },
    post: {
      operationId: "freezeGrants",
      summary: "Stops all grants and ends every role that is held",
      ...FOR_TEAM,
      body: jsonBody("Freeze"),
      success: { status: 202, description: "The freeze in force.", media: JSON_MEDIA, schema: "FreezeView" },
      problems: [400, 401, 403, 413, 415],
    },
  },
  "/api/freeze/resume": {
    post: {
      operationId: "resumeGrants",
      summary: "Begins the sign-in of one of the two persons who resume the grants",
      ...PAGE,
      success: goOn,
    },
  },
  "/api/queues/{shelf}": {
    get: {
      operationId: "listKeptMessages",
      summary: "Lists the messages that were rejected, or those that the bus gave up (dead letters); changes nothing",
      ...FOR_TEAM,
      parameters: [
        shelf,
        { name: "after", in: "query", description: "`next` of the page before.", schema: { type: "string" } },
      ],
      success: answers("A hundred at most.", "KeptMessageList"),
      problems: [400, 401, 403, 404, 503],
    },
  },
  "/api/queues/{shelf}/{id}": {
    get: {
      operationId: "showKeptMessage",
      summary: "Shows one of these messages with its body; changes nothing",
      ...FOR_TEAM,
      parameters: [shelf, keptMessageId],
      success: answers("The message.", "KeptMessage"),
      problems: [401, 403, 404, 503],
    },
  },
  "/api/queues/{shelf}/{id}/resubmit": {
    post: {
      operationId: "resubmitKeptMessage",
      summary: "Sends the message to the queue that it came from, and takes it away here",
      description:
        "Has no body. Only to a queue of a sender that the policy names, or the app's own. It is looked at like any other message and may be rejected again.",
      ...FOR_TEAM,
      parameters: [shelf, keptMessageId],
      success: answers("It was sent.", "ResubmittedMessage"),
      problems: [401, 403, 404, 409, 503],
    },
  },
  "/api/queues/{shelf}/{id}/discard": {
    post: {
      operationId: "discardKeptMessage",
      summary: "Takes the message away for good",
      description: "Has no body.",
      ...FOR_TEAM,
      parameters: [shelf, keptMessageId],
      success: answers("It is gone.", "DiscardedMessage"),
      problems: [401, 403, 404, 503],
    },
  },
  "/api/standing": {
    get: {
      operationId: "showStanding",
      summary: "How every role is held now, counted, and whom a count of persons leaves out",
      ...FOR_TEAM,
      success: answers("The posture of the tenant.", "Posture"),
      problems: [401, 403, 503],
    },
  },
  "/api/standing/plan": {
    get: {
      operationId: "planStanding",
      summary: "What would be done about every standing assignment, and why",
      ...FOR_TEAM,
      success: answers("The plan of this moment.", "StandingPlan"),
      problems: [401, 403, 409, 503],
    },
  },
  "/api/standing/waves": {
    post: {
      operationId: "workWave",
      summary: "Converts one wave of a plan, or takes it back",
      description:
        "Without `execute` it answers 200 with what would be done, and nothing is. With it, whoever asks confirms with a fresh sign-in; the top wave and every way back need a second person.",
      ...FOR_TEAM,
      body: jsonBody("Wave"),
      success: changeToConfirm,
      problems: [400, 401, 403, 409, 413, 415, 422, 503],
    },
  },
  "/api/eligibility": {
    get: {
      operationId: "listEligibility",
      summary: "Who may activate what, and until when",
      ...FOR_TEAM,
      success: answers("Every eligibility.", "EligibilityList"),
      problems: [401, 403, 503],
    },
    post: {
      operationId: "changeEligibility",
      summary: "Asks for somebody to become eligible, to stay it, or not to be it any more",
      description:
        "For owners and the identity team. Whoever asks confirms with a fresh sign-in; giving needs a second person.",
      ...FOR_TEAM,
      body: jsonBody("EligibilityChange"),
      success: changeToConfirm,
      problems: [400, 401, 403, 409, 413, 415, 422, 503],
    },
  },
  "/api/changes/{id}": {
    get: {
      operationId: "showChange",
      summary: "One change of eligibility or standing access, for those concerned and the identity team",
      ...FOR_TEAM,
      parameters: [activationId],
      success: answers("The change.", "Change"),
      problems: [401, 403, 404],
    },
  },
  "/api/changes/{id}/withdraw": {
    post: {
      operationId: "withdrawChange",
      summary: "Takes a change back, by who asked for it and before its work began",
      description: "Has no body. Asking again changes nothing.",
      ...FOR_TEAM,
      parameters: [activationId],
      success: { status: 202, description: "The change as it is now.", media: JSON_MEDIA, schema: "Change" },
      problems: [401, 403, 404, 409],
    },
  },
  "/api/e": {
    get: {
      operationId: "showEligibility",
      summary: "The page of who may activate what, for owners and the identity team after a sign-in; changes nothing",
      ...PAGE,
      success: page,
    },
    post: {
      operationId: "askOnEligibilityPage",
      summary: "Begins the sign-in, or asks for a change of eligibility",
      ...PAGE,
      success: goOn,
    },
  },
  "/api/c/{id}": {
    get: {
      operationId: "showChangePage",
      summary: "The page of a change, after a sign-in; changes nothing",
      ...PAGE,
      parameters: [activationId],
      success: page,
    },
    post: {
      operationId: "signInToChange",
      summary: "Begins the sign-in that shows the change",
      ...PAGE,
      parameters: [activationId],
      success: goOn,
    },
  },
  "/api/baseline/changes": {
    post: {
      operationId: "changeSettings",
      summary: "Sets role settings in PIM to the baseline, back to what a change found, or the native door alone",
      description:
        "Without `execute` it answers 200 with the rules that would be set. With it, whoever asks confirms with a fresh sign-in, and a second person decides.",
      ...FOR_TEAM,
      body: jsonBody("SettingsChange"),
      success: changeToConfirm,
      problems: [400, 401, 403, 409, 413, 415, 503],
    },
  },
  "/api/policy": {
    get: {
      operationId: "showPolicy",
      summary: "Which policy the service runs, whether two persons accepted it, and what it changes",
      ...FOR_TEAM,
      success: answers("The policy.", "Policy"),
      problems: [401, 403, 503],
    },
  },
  "/api/policy/accept": {
    post: {
      operationId: "acceptPolicy",
      summary: "Asks for the policy that the service runs to take effect",
      description: "Whoever asks confirms with a fresh sign-in; a second person, named by the policy before, decides.",
      ...FOR_TEAM,
      body: jsonBody("AcceptPolicy"),
      success: changeToConfirm,
      problems: [400, 401, 403, 413, 415, 503],
    },
  },
  "/api/policy/simulate": {
    post: {
      operationId: "simulatePolicy",
      summary: "Whose outcome another policy would have changed",
      description:
        "Judges the newest requests under the policy that the service runs and under the one that is sent. Changes nothing.",
      ...FOR_TEAM,
      body: jsonBody("SimulatePolicy"),
      success: answers("The requests whose outcome would change.", "PolicySimulation"),
      problems: [400, 401, 403, 413, 415, 503],
    },
  },
  "/api/reviews": {
    get: {
      operationId: "listReviews",
      summary: "The campaigns of the access review, the newest first",
      ...FOR_TEAM,
      success: answers("The campaigns.", "CampaignList"),
      problems: [401, 403, 503],
    },
  },
  "/api/reviews/{id}": {
    get: {
      operationId: "showReview",
      summary: "One campaign: population, reviewers, decisions with their reasons, and what was read back",
      ...FOR_TEAM,
      parameters: [activationId],
      success: answers("The report.", "CampaignReport"),
      problems: [401, 403, 404, 503],
    },
  },
  "/api/findings": {
    get: {
      operationId: "showFindings",
      summary: "What is not as the policy wants it, since when",
      ...FOR_TEAM,
      success: answers("Open findings, the oldest first.", "FindingList"),
      problems: [401, 403, 503],
    },
  },
  "/api/baseline": {
    get: {
      operationId: "showBaseline",
      summary: "Where the settings of roles in PIM differ from the policy",
      ...FOR_TEAM,
      success: answers("The differences.", "Baseline"),
      problems: [401, 403, 409, 503],
    },
  },
  "/api/doctor": {
    get: {
      operationId: "showDoctor",
      summary: "What every part of the service finds about itself",
      description:
        "The part that answers looks now; the others said it within the last two hours, or are named as silent. With it comes who can take over the identities through the directory. Where the service may not read who is in the identity team, the answer has its permissions and nothing else.",
      ...FOR_TEAM,
      success: answers("Results of all checks.", "Doctor"),
      problems: [401, 403, 503],
    },
  },
  "/api/doctor/principals": {
    get: {
      operationId: "showPrincipals",
      summary: "Names of object ids, and who is behind groups and applications",
      ...FOR_TEAM,
      parameters: [
        {
          name: "ids",
          in: "query",
          required: true,
          description: "1 to 200 object ids with commas between them.",
          schema: { type: "string" },
        },
      ],
      success: answers("Those that the directory knows.", "PrincipalList"),
      problems: [400, 401, 403, 503],
    },
  },
  "/api/audit": {
    get: {
      operationId: "exportAudit",
      summary: "Exports the audit trail, whole chains in order",
      description:
        "Without a time range the signed checkpoints come first. They name the end of every chain, so that the file shows by itself whether anything was cut off.",
      ...FOR_TEAM,
      parameters: [inQuery("from", "Records from this instant on."), inQuery("to", "Records up to this instant.")],
      success: {
        status: 200,
        description: "JSON lines, one checkpoint or record each.",
        media: "application/x-ndjson",
        schema: "AuditLine",
      },
      problems: [400, 401, 403],
    },
  },
  "/api/audit/keys": {
    get: {
      operationId: "showAuditKeys",
      summary: "The public key that signs the checkpoints of the audit trail",
      tags: ["service"],
      security: [],
      success: answers("A JWK set.", "CheckpointKeys"),
      problems: [],
    },
  },
  "/api/webhooks/servicenow": {
    post: {
      operationId: "receiveServiceNow",
      summary: "Takes a delivery of ServiceNow",
      description:
        "`X-Jit-Signature: v1=<digest>` is HMAC-SHA256 over `<X-Jit-Timestamp>.<raw body>`, base64 or hexadecimal as set up. Only `eventId` and `number` are used: the ticket is read anew.",
      tags: ["webhooks"],
      security: ["servicenow"],
      parameters: [header("X-Jit-Timestamp", text("^\\d{1,12}$"), true)],
      body: jsonBody("ServiceNowDelivery"),
      success: { status: 202, description: "Taken, or known already." },
      problems: [401, 413],
    },
  },
  "/api/webhooks/jira": {
    post: {
      operationId: "receiveJira",
      summary: "Takes a delivery of Jira, or of Jira Automation",
      description:
        "`X-Hub-Signature: sha256=<hex>` is HMAC-SHA256 over the raw body; `X-Atlassian-Webhook-Identifier` names the delivery. Automation cannot sign and sends `X-Automation-Secret` instead.",
      tags: ["webhooks"],
      security: ["jira", "jiraAutomation"],
      parameters: [header("X-Atlassian-Webhook-Identifier", { type: "string" }, false)],
      body: jsonBody("JiraDelivery"),
      success: { status: 202, description: "Taken, or known already." },
      problems: [401, 413],
    },
  },
  "/api/l/{token}": {
    get: {
      operationId: "openLink",
      summary: "Shows what a signed link is about; changes nothing",
      ...PAGE,
      parameters: [linkToken],
      success: page,
    },
    post: {
      operationId: "actOnLink",
      summary: "Begins what the person chose on the page, with a sign-in",
      ...PAGE,
      parameters: [linkToken],
      success: goOn,
    },
  },
  "/api/a/{id}": {
    get: {
      operationId: "showPage",
      summary: "The page of one activation, after a sign-in",
      ...PAGE,
      parameters: [activationId],
      success: page,
    },
    post: {
      operationId: "actOnPage",
      summary: "Begins the sign-in, or stops the activation",
      ...PAGE,
      parameters: [activationId],
      success: goOn,
    },
  },
  "/api/sign-in/callback": {
    post: {
      operationId: "completeSignIn",
      summary: "Takes the answer of the sign-in (`response_mode=form_post`)",
      ...PAGE,
      body: { media: "application/x-www-form-urlencoded", schema: "SignInAnswer" },
      success: goOn,
    },
  },
  "/api/health": {
    get: {
      operationId: "showHealth",
      summary: "Says that the app runs and reads its tables, which policy is in force and which package runs",
      tags: ["service"],
      security: [],
      success: answers("It runs.", "Health"),
      problems: [503],
    },
  },
  "/api/openapi.json": {
    get: {
      operationId: "showOpenApi",
      summary: "This document",
      tags: ["service"],
      security: [],
      success: { status: 200, description: "OpenAPI 3.1.", media: JSON_MEDIA },
      problems: [],
    },
  },
};
