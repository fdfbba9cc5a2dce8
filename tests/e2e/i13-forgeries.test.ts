import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adminId, APPS, dailyId } from "../../local/seed.ts";
import { digestOf, canonicalJson } from "../../shared/crypto/digest.ts";
import type { ActivationState } from "../../shared/domain/activation.ts";
import { forgeSignIn, putProof, storedRequest, type ForgedSignIn } from "../support/forged-proof.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, overwriteRow, storedRows } from "../support/stored-rows.ts";

const CORA = dailyId(3);
/** Signed by nobody: what some libraries once took. */
const unsigned = (token: string): string => {
  const header = Buffer.from(JSON.stringify({ typ: "JWT", alg: "none" })).toString("base64url");
  return `${header}.${token.split(".")[1] ?? ""}.`;
};
const OTHER_TENANT = "20000000-0000-4000-8000-000000000002";

describe("I13: who writes rows and raises events grants nothing", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  let ticket: string;
  let id: string;

  beforeEach(async () => {
    await stack().clock.advance(MINUTE_MS);
    ticket = await app().askFor(ADA_GLOBAL);
    ({ id } = await app().activation(ticket));
  });

  afterEach(async () => {
    await stack().settle();
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().grants(ticket)).toEqual([]);
    const { state } = await app().activation(ticket);
    if (state.status === "AwaitingApproval") await app().decide("dev.patel", ticket, "deny");
    await stack().settle();
  });

  const coraSlot = async (): Promise<number> => {
    const { approvers } = await storedRequest(app(), id);
    return approvers.find(({ person }) => person === "cora.lindt")?.slot ?? -1;
  };
  const lastProblem = async (): Promise<unknown> =>
    (await app().audit(id)).findLast(({ type }) => type === "ProofRefused")?.data["problem"];

  it.each<[string, string, Omit<ForgedSignIn, "account"> & { readonly account?: string }]>([
    ["made for another nonce", "NotForThisRequest", { nonce: "another" }],
    ["of another tenant", "BadToken", { overrides: { tid: OTHER_TENANT } }],
    ["of another issuer", "BadToken", { overrides: { iss: "https://login.example/v2.0" } }],
    ["signed by nobody", "BadToken", { spoil: unsigned }],
    ["signed with another key", "BadToken", { key: "other" }],
    ["cut", "BadToken", { spoil: (token) => token.slice(0, -10) }],
    ["for another client", "BadToken", { clientId: APPS.cli.clientId }],
    ["that is over", "BadToken", { lifetimeSeconds: -600 }],
    ["without the authentication context", "ContextMissing", { acrs: [] }],
    ["with another authentication context", "ContextMissing", { acrs: ["c2"] }],
    ["of a sign-in six minutes ago", "SignInTooOld", { ageSeconds: 360 }],
    ["without the moment of the sign-in", "BadToken", { overrides: { auth_time: null } }],
    ["of the requester", "WrongPerson", { account: dailyId(1) }],
    ["of the requester's second account", "WrongPerson", { account: "a0000000-0000-4000-8000-0000000000f1" }],
    ["of somebody who is no approver", "WrongPerson", { account: dailyId(10) }],
    ["of a step-up", "NotAskedNow", { purpose: "stepUp", account: adminId(1) }],
    ["for longer than was asked", "BadContent", { decision: { kind: "approve", durationMs: 8 * 60 * MINUTE_MS } }],
  ])("a sealed approval with a token %s counts for nothing", async (_name, problem, forged) => {
    await forgeSignIn(app(), id, { account: CORA, slot: await coraSlot(), ...forged });
    expect(await lastProblem()).toBe(problem);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
  });

  it("the forgery is as good as the real thing but for the token: Cora's own sign-in would count", async () => {
    // Keeps the tests above honest. Denies, so that nothing is granted here either.
    const decision = { kind: "deny", reason: "the forger's kit works" } as const;
    await forgeSignIn(app(), id, { account: CORA, slot: await coraSlot(), decision });
    expect(await app().status(ticket)).toBe("Denied");
  });

  it("what was not sealed for the worker counts for nothing", async () => {
    await putProof(app(), id, "proof-plain", "eyJhbGciOiJub25lIn0.e30.");
    expect(await lastProblem()).toBe("Unreadable");
  });

  it("a verdict without the worker's MAC, or with that of another text, counts for nothing", async () => {
    const request = await storedRequest(app(), id);
    const now = new Date(stack().clock.now()).toISOString();
    const mine = (await storedRows(stack(), "activations", id)).find(({ rowKey }) => rowKey?.startsWith("verdict-"));
    if (!mine) throw new Error("the step-up left no verdict");
    const { mac } = jsonOf(mine) as { readonly mac: string };
    const verdict = {
      activationId: id,
      requestDigest: digestOf(request),
      nonce: "forged",
      authenticatedAt: now,
      verifiedAt: now,
      authenticationContexts: ["c1"],
      purpose: "decision",
      slot: await coraSlot(),
      decision: { person: "cora.lindt", account: CORA, decidedAt: now, verdict: { kind: "approve" } },
    };
    for (const [key, seal] of [
      ["verdict-decision-forged1", mac],
      ["verdict-decision-forged2", "1.AAAA"],
      ["verdict-decision-forged3", ""],
    ] as const) {
      const json = JSON.stringify({ body: canonicalJson(verdict), mac: seal });
      await overwriteRow(stack(), "activations", { partitionKey: id, rowKey: key, json });
    }
    await app().ring(id);
    await stack().settle();
    await editState({ status: "Granting", stop: null });
    await app().ring(id);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Failed");
  });

  it("a state row edited to Granting is refused at the grant", async () => {
    await editState({ status: "Granting", stop: null });
    await app().ring(id);
    await stack().settle();
    expect((await app().activation(ticket)).state).toMatchObject({
      status: "Failed",
      closing: { reason: "ApproverNotEntitled" },
    });
  });

  it.each([
    ["role", { roleDefinitionId: "e8611ab8-c189-46e8-94e1-60213ab1f814" }],
    ["account", { principalId: adminId(4) }],
    ["duration", { durationMs: 4 * 60 * MINUTE_MS }],
    ["approval", { approval: "automatic" }],
    ["requirements", { requirements: [] }],
  ])("a frozen request with another %s is found out before anybody's decision counts", async (_what, change) => {
    const row = (await storedRows(stack(), "activations", id)).find(({ rowKey }) => rowKey === "request-1");
    const { body, mac } = jsonOf(row ?? {}) as { readonly body: string; readonly mac: string };
    const edited = canonicalJson({ ...(JSON.parse(body) as object), ...change });
    const json = JSON.stringify({ body: edited, mac });
    await overwriteRow(stack(), "activations", { partitionKey: id, rowKey: "request-1", json });
    await forgeSignIn(app(), id, { account: CORA, slot: 1 });
    expect((await app().activation(ticket)).state).toMatchObject({
      status: "Failed",
      closing: { reason: "RecordTampered" },
    });
    expect(await app().auditTypes(id)).toContain("TamperingFound");
  });

  it("an approval that was taken from another activation counts for nothing", async () => {
    const other = await app().askFor({ ...ADA_GLOBAL, role: "Exchange Administrator", approvers: [] });
    const { id: otherId } = await app().activation(other);
    await app().decide("dev.patel", other);
    await stack().settle();
    const stolen = (await storedRows(stack(), "activations", otherId)).find(({ rowKey }) =>
      rowKey?.startsWith("verdict-decision"),
    );
    if (!stolen) throw new Error("nobody decided about the other activation");
    const { rowKey, json } = stolen as unknown as { readonly rowKey: string; readonly json: string };
    await overwriteRow(stack(), "activations", { partitionKey: id, rowKey, json });
    await editState({ status: "Granting", stop: null });
    await app().ring(id);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Failed");
  });

  it("raised events of every name change nothing", async () => {
    const before = await app().audit(id);
    for (const name of ["AskArrived", "ApprovalDecided", "StepUpProven", "Granted"]) await app().ring(id, name);
    await stack().settle();
    expect(await app().audit(id)).toEqual(before);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
  });

  it("an orchestration started by hand for an activation that was never claimed grants nothing", async () => {
    const before = await app().grants();
    const invented = "0123456789abcdef0123456789abcdef";
    const path = `orchestrators/activationOrchestrator/activation-${invented}`;
    expect(await app().hub("POST", path, { id: invented })).toBe(202);
    await stack().settle();
    expect(await app().grants()).toEqual(before);
  });

  it.each([
    ["suspended and resumed", ["suspend", "resume"]],
    ["terminated and rewound", ["terminate", "rewind"]],
    ["terminated and restarted", ["terminate", "restart"]],
    ["terminated, purged and started by hand as granting", ["terminate", "purge", "start"]],
  ])("an orchestration that is %s grants nothing", async (_name, verbs) => {
    const before = await app().grants();
    const instance = `instances/activation-${id}`;
    for (const verb of verbs) {
      if (verb === "purge") await app().hub("DELETE", instance);
      else if (verb === "start")
        await app().hub("POST", `orchestrators/activationOrchestrator/activation-${id}`, {
          id,
          facts: { state: { status: "Granting" } },
        });
      else await app().hub("POST", `${instance}/${verb}`);
      await stack().settle();
      await app().ring(id);
      await stack().settle();
    }
    await stack().clock.advance(2 * MINUTE_MS);
    expect(await app().grants()).toEqual(before);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
  });

  /** Keeps the row's own chain, so that only the state is a lie. */
  async function editState(state: Partial<Extract<ActivationState, { status: "Granting" }>>): Promise<void> {
    const row = (await storedRows(stack(), "activations", id)).find(({ rowKey }) => rowKey === "state");
    const now = new Date(stack().clock.now()).toISOString();
    const giveUpAt = new Date(stack().clock.now() + 10 * MINUTE_MS).toISOString();
    const granting = { since: now, durationMs: 7_200_000, attempt: 0, notBefore: now, giveUpAt, ...state };
    const json = JSON.stringify({ ...(jsonOf(row ?? {}) as object), state: granting });
    await overwriteRow(stack(), "activations", { partitionKey: id, rowKey: "state", status: "Granting", json });
  }

  itKeptItsPromises(app);
});
