/* global require, process, fetch, URL, URLSearchParams */
// The flow of one activation as Durable tutorials would have it: one activity per step, an activity for the audit record
// after each, everything in one linear orchestration. It checks nothing that is free of storage requests.
const { app } = require("@azure/functions");
const { TableClient } = require("@azure/data-tables");
const df = require("durable-functions");

const HOUR_MS = 3_600_000;
const JSON_TYPE = { "content-type": "application/json" };
const tables = new Map();

function table(name) {
  if (!tables.has(name)) {
    const options = { allowInsecureConnection: true };
    tables.set(name, TableClient.fromConnectionString(process.env.AzureWebJobsStorage, name, options));
  }
  return tables.get(name);
}

const insert = (name, partitionKey, rowKey, value) =>
  table(name).createEntity({ partitionKey, rowKey, value: JSON.stringify(value) });
const setState = (id, status) =>
  table("requests").upsertEntity({ partitionKey: id, rowKey: "state", status }, "Replace");

async function call(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 200)}`);
  return text === "" ? {} : JSON.parse(text);
}

async function graph({ graph: origin }, path, body) {
  const identity = `${process.env.IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=${encodeURIComponent(origin)}`;
  const token = await call(identity, { headers: { "x-identity-header": process.env.IDENTITY_HEADER } });
  const headers = { authorization: `Bearer ${token.access_token}`, ...JSON_TYPE };
  return call(`${origin}/v1.0${path}`, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
}

async function servicenow({ servicenow: origin }, path, body) {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "zero-standing",
    client_secret: process.env.SERVICENOW_CLIENT_SECRET,
  });
  const token = await call(`${origin}/oauth_token.do`, { method: "POST", body: form });
  const headers = { authorization: `Bearer ${token.access_token}`, ...JSON_TYPE };
  return call(
    `${origin}/api/now/table/change_request${path}`,
    body ? { method: "PATCH", headers, body: JSON.stringify(body) } : { headers },
  );
}

const mail = (request, address, subject) =>
  graph(request, `/users/${request.mailSender}/sendMail`, {
    message: {
      subject,
      body: { contentType: "Text", content: subject },
      toRecipients: [{ emailAddress: { address } }],
    },
  });

const triple = ({ principalId, roleDefinitionId }) => ({ principalId, roleDefinitionId, directoryScopeId: "/" });
const instances = async (request) => {
  const filter = `principalId eq '${request.principalId}' and roleDefinitionId eq '${request.roleDefinitionId}'`;
  const path = `/roleManagement/directory/roleAssignmentScheduleInstances?$filter=${encodeURIComponent(filter)}`;
  return (await graph(request, path)).value.length;
};
const ask = (request, action, more) =>
  graph(request, "/roleManagement/directory/roleAssignmentScheduleRequests", {
    action,
    ...triple(request),
    justification: "Baseline",
    ...more,
  });

const STEPS = {
  claimTicket: (request) => insert("claims", request.ticket, "1", request.id),
  readEligibility: (request) => {
    const filter = encodeURIComponent(`principalId eq '${request.principalId}'`);
    return graph(request, `/roleManagement/directory/roleEligibilityScheduleInstances?$filter=${filter}`);
  },
  readTicket: async (request) =>
    (await servicenow(request, `?sysparm_query=number%3D${request.ticket}`)).result[0].sys_id,
  saveRequest: (request) => insert("requests", request.id, "request", request),
  askStepUp: (request) => mail(request, request.requester, "Please sign in"),
  recordStepUp: (request) => insert("decisions", request.id, "stepUp", { by: request.requester }),
  askApprovers: (request) => mail(request, request.approver, "Please decide"),
  recordDecision: (request) => insert("decisions", request.id, "decision", { by: request.approver }),
  readTicketAgain: (request) => STEPS.readTicket(request),
  recordIntent: (request) => insert("requests", request.id, "intent", { at: request.id }),
  createAssignment: (request) =>
    ask(request, "adminAssign", {
      ticketInfo: { ticketNumber: request.ticket, ticketSystem: "servicenow" },
      scheduleInfo: {
        startDateTime: new Date().toISOString(),
        expiration: { type: "afterDuration", duration: "PT1H" },
      },
    }),
  readBackAssignment: async (request) => {
    if ((await instances(request)) !== 1) throw new Error("the role is not there");
  },
  setActive: (request) => setState(request.id, "Active"),
  tellActive: (request) => mail(request, request.requester, "The role is active"),
  noteActive: (request) => servicenow(request, `/${request.ticketId}`, { work_notes: "Access active" }),
  removeAssignment: (request) => ask(request, "adminRemove", {}),
  readBackRemoval: async (request) => {
    if ((await instances(request)) !== 0) throw new Error("the role is still there");
  },
  setEnded: (request) => setState(request.id, "Ended"),
  tellEnded: (request) => mail(request, request.requester, "The role has ended"),
  noteEnded: (request) => servicenow(request, `/${request.ticketId}`, { work_notes: "Access ended" }),
};
for (const [name, handler] of Object.entries(STEPS))
  df.app.activity(name, { handler: async (request) => (await handler(request)) ?? null });
df.app.activity("audit", {
  handler: ({ id, sequence, event }) => insert("audit", id, String(sequence).padStart(6, "0"), event),
});

df.app.orchestration("activation", function* (context) {
  const request = context.df.getInput();
  let sequence = 0;
  function* steps(...names) {
    let result;
    for (const event of names) {
      result = yield context.df.callActivity(event, request);
      yield context.df.callActivity("audit", { id: request.id, sequence: sequence++, event });
    }
    return result;
  }
  yield* steps("claimTicket", "readEligibility");
  request.ticketId = yield* steps("readTicket");
  yield* steps("saveRequest", "askStepUp");
  yield context.df.waitForExternalEvent("SteppedUp");
  yield* steps("recordStepUp", "askApprovers");
  yield context.df.waitForExternalEvent("Decided");
  yield* steps("recordDecision", "readTicketAgain", "recordIntent", "createAssignment", "readBackAssignment");
  yield* steps("setActive", "tellActive", "noteActive");
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + HOUR_MS));
  yield context.df.Task.any([context.df.waitForExternalEvent("EndAsked"), timer]);
  if (!timer.isCompleted) timer.cancel();
  yield* steps("removeAssignment", "readBackRemoval", "setEnded", "tellEnded", "noteEnded");
});

const extraInputs = [df.input.durableClient()];
app.http("start", {
  methods: ["POST"],
  route: "activations/{id}",
  extraInputs,
  handler: async (request, context) => {
    const { id } = request.params;
    for (const name of ["claims", "requests", "decisions", "audit"]) await table(name).createTable();
    await df.getClient(context).startNew("activation", { instanceId: id, input: { ...(await request.json()), id } });
    return { status: 202 };
  },
});
app.http("page", {
  methods: ["GET"],
  route: "activations/{id}",
  handler: async ({ params }) => {
    const rows = [];
    const filter = `PartitionKey eq '${params.id}'`;
    for await (const row of table("requests").listEntities({ queryOptions: { filter } })) rows.push(row);
    return { jsonBody: rows };
  },
});
app.http("ring", {
  methods: ["POST"],
  route: "activations/{id}/{event}",
  extraInputs,
  handler: async ({ params }, context) => {
    await df.getClient(context).raiseEvent(params.id, params.event, {});
    return { status: 202 };
  },
});
