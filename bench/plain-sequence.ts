import { createHash, randomBytes, randomUUID } from "node:crypto";
import { TableClient, type TransactionAction } from "@azure/data-tables";
import { adminId, APPS, ROLES, TENANT_ID } from "../local/seed.ts";
import type { SecretStore } from "../local/stack/secrets.ts";
import type { Stack } from "../local/stack/stack.ts";
import { BrowserlessSignIn } from "../local/testing/browserless-sign-in.ts";

/** What a table request of the app carries, as seen in its traffic: a sealed proof, a record of the audit chain, a small row. */
const BYTES = { proof: 2_000, record: 700, row: 200 };
/** Somebody whom the app grants nothing in this benchmark. */
const PRINCIPAL = adminId(12);
const ROLE = ROLES.helpdeskAdministrator[0];

/** One run of the calls, from the code that the login posts to the answer of Graph; answers what it took in ms. */
export type PlainSequence = (ticket: string) => Promise<number>;

/**
 * The calls that the app makes between the callback and the grant, read off its traffic and made one after the other by
 * plain code: no durable engine, no check, no encryption, nothing that would survive a crash.
 */
export async function openPlainSequence(stack: Stack, secrets: SecretStore): Promise<PlainSequence> {
  const { addresses } = stack;
  const table = TableClient.fromConnectionString(addresses.storage, "benchSequence", { allowInsecureConnection: true });
  await table.createTable();
  const graphUrl = `${addresses.graph}/v1.0`;
  const roles = `${graphUrl}/roleManagement/directory`;
  return async (ticket) => {
    const graph = { authorization: `Bearer ${await graphToken(stack, secrets)}` };
    const servicenow = { authorization: `Bearer ${await servicenowToken(stack, secrets)}` };
    const callback = await signIn(stack);
    const id = randomUUID();
    const add = (bytes: number) => table.createEntity(row(id, bytes));
    const readRecord = async (): Promise<void> => {
      for (let part = 0; part < 3; part++) await partition(table, id);
    };
    const begin = performance.now();
    await add(BYTES.row); // the state of the sign-in is used up
    await expectOk(redeem(stack, secrets, callback));
    await add(BYTES.proof); // the proof waits
    await readRecord();
    await add(BYTES.record); // audit
    const decision = row(id, BYTES.record);
    await table.createEntity(decision);
    await table.updateEntity(decision, "Replace"); // state
    await table.deleteEntity(decision.partitionKey, decision.rowKey); // the proof is done
    await readRecord();
    await partition(table, "freeze");
    await partition(table, "grants");
    await expectOk(
      fetch(`${addresses.servicenow}/api/now/table/incident?sysparm_query=number%3D${ticket}`, { headers: servicenow }),
    );
    await expectOk(fetch(`${graphUrl}/users/${PRINCIPAL}?$select=id,accountEnabled,userType`, { headers: graph }));
    const filter = encodeURIComponent(`principalId eq '${PRINCIPAL}'`);
    await expectOk(fetch(`${roles}/roleEligibilityScheduleInstances?$filter=${filter}`, { headers: graph }));
    await add(BYTES.row); // holder
    await add(BYTES.record); // audit
    await table.upsertEntity(row(id, BYTES.row), "Replace"); // what is to be watched
    await table.submitTransaction(
      [BYTES.record, BYTES.record].map((bytes): TransactionAction => ["create", row(id, bytes)]),
    );
    await add(BYTES.row); // counted for the breaker
    await expectOk(
      fetch(`${roles}/roleAssignmentScheduleRequests`, {
        method: "POST",
        headers: { ...graph, "content-type": "application/json" },
        body: JSON.stringify(grantOf(ticket, new Date(stack.clock.now()).toISOString())),
      }),
    );
    const tookMs = performance.now() - begin;
    await stack.call("graph", "removeAssignment", { principalId: PRINCIPAL, roleDefinitionId: ROLE });
    return tookMs;
  };
}

const row = (partitionKey: string, bytes: number) => ({ partitionKey, rowKey: randomUUID(), body: "x".repeat(bytes) });

async function partition(table: TableClient, key: string): Promise<void> {
  const pages = table
    .listEntities({ queryOptions: { filter: `PartitionKey eq '${key}'` } })
    .byPage({ maxPageSize: 1_000 });
  await pages.next();
}

const grantOf = (ticketNumber: string, startDateTime: string): object => ({
  action: "adminAssign",
  principalId: PRINCIPAL,
  roleDefinitionId: ROLE,
  directoryScopeId: "/",
  justification: "The same calls in sequence",
  ticketInfo: { ticketNumber, ticketSystem: "servicenow" },
  scheduleInfo: { startDateTime, expiration: { type: "afterDuration", duration: "PT1H" } },
});

async function expectOk(answer: Promise<Response>): Promise<Record<string, unknown>> {
  const response = await answer;
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as Record<string, unknown>;
}

async function graphToken({ addresses }: Stack, secrets: SecretStore): Promise<string> {
  const headers = { "x-identity-header": secrets.stackSecrets().identityHeader };
  const query = new URLSearchParams({ resource: addresses.graph, "api-version": "2019-08-01" });
  const answer = await expectOk(fetch(`${addresses.login}/msi/token?${query.toString()}`, { headers }));
  return String(answer["access_token"]);
}

async function servicenowToken({ addresses }: Stack, secrets: SecretStore): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "zero-standing",
    client_secret: secrets.stackSecrets().servicenowClientSecret,
  });
  const answer = await expectOk(fetch(`${addresses.servicenow}/oauth_token.do`, { method: "POST", body }));
  return String(answer["access_token"]);
}

interface Callback {
  readonly code: string;
  readonly verifier: string;
}

const redirectUri = ({ addresses }: Stack): string => `${addresses.app}/api/sign-in/callback`;
const provider = ({ addresses }: Stack): string => `${addresses.login}/${TENANT_ID}/oauth2/v2.0`;

/** Signs somebody in up to the form that the login posts to the app. */
async function signIn(stack: Stack): Promise<Callback> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: APPS.signIn.clientId,
    redirect_uri: redirectUri(stack),
    response_type: "code",
    response_mode: "form_post",
    scope: "openid profile",
    state: randomUUID(),
    nonce: randomUUID(),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    prompt: "login",
  });
  const userName = "adm-liam.dorsey@contoso.example";
  const outcome = await new BrowserlessSignIn().signIn(`${provider(stack)}/authorize?${query.toString()}`, {
    userName,
  });
  if (outcome.kind !== "formPost") throw new Error(`the sign-in ended elsewhere: ${outcome.kind}`);
  return { code: outcome.fields["code"] ?? "", verifier };
}

const redeem = (stack: Stack, secrets: SecretStore, { code, verifier }: Callback): Promise<Response> =>
  fetch(`${provider(stack)}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri(stack),
      client_id: APPS.signIn.clientId,
      client_secret: secrets.stackSecrets().signInClientSecret,
    }),
  });
