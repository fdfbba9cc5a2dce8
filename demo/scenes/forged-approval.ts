import { createPublicKey } from "node:crypto";
import { CompactEncrypt } from "jose";
import { dailyId } from "../../local/seed.ts";
import type { Scene } from "../scene.ts";
import { fileChange, stepUp } from "../steps.ts";
import { HOUR_MS, numberOf, type Activation, type World } from "../world.ts";

export const forgedApproval: Scene = {
  id: "forged-approval",
  title: "6. A thief with the system's own keys forges an approval",
  intro:
    "Ada waits for approval as Exchange Administrator. Somebody has stolen the key of the Durable HTTP API and the storage account's connection string: he can raise every event and write every row. What he lacks is the worker's key, and an approver's sign-in.",
  async play(world, story) {
    const number = await fileChange(world, {
      assignee: "ada.byron",
      role: "exchangeAdministrator",
      duration: "PT2H",
      summary: "Change the transport rules of the mail gateway",
    });
    story.step(`Change ${number} asks for it; Ada steps up.`);
    await stepUp(world, story, "ada.byron");
    const { id, status: before } = await world.activation("ada.byron", number);

    story.step("He raises approval events through the Durable HTTP API, with the right key.");
    const forged = { decision: "approve", approved: true, person: "dev.patel", kind: "proof" };
    const answers = await Promise.all(
      ["AskArrived", "ApprovalDecided", "AskArrived"].map((name) => world.raiseEvent(id, name, forged)),
    );
    await world.stack.settle();
    story.show("Durable", `POST …/instances/activation-${id}/raiseEvent/AskArrived → ${answers[0]}`);
    await checkNothing("event", "The engine takes the event. It is only a doorbell: nothing is granted.");

    story.step("He writes Dev's approval among the verdicts: Ada's own sealed row, turned into a decision.");
    await forgeDecision(world, id);
    await ring();
    await checkNothing("decision", "A decision row without the worker's seal does not count: nothing is granted.");

    story.step(
      "He makes up a sign-in of Dev, signed with a key of his own, and hands it over as the app's front does.",
    );
    await forgeProof(world, id, "other");
    await ring();
    await checkRefused(
      "made-up-sign-in",
      "BadToken",
      "The worker itself verifies every sign-in: this one has no valid signature.",
    );

    story.step("He hands over a true sign-in of Dev, captured elsewhere.");
    await forgeProof(world, id, "own");
    await ring();
    await checkRefused(
      "captured-sign-in",
      "NotForThisRequest",
      "A sign-in is bound to one request and one decision: a captured one proves nothing here.",
    );

    story.step("At last he sets the state itself to “Granting, everything approved”.");
    await forgeState(world, id);
    await ring();
    await world.advance(10_000);
    const last = await view();
    const grants = await world.grants("ada.byron", "exchangeAdministrator");
    story.show("Answer", `${last.status}${last.closing ? `, ${last.closing.reason}: ${last.closing.sentence}` : ""}`);
    story.promise(
      "state",
      "Before the grant every sign-in and decision is verified again: a forged state is found out, and grants nothing.",
      before === "AwaitingApproval" &&
        grants.length === 0 &&
        last.status === "Failed" &&
        last.closing?.reason === "ApproverNotEntitled",
      { last, grants },
    );

    async function checkRefused(name: string, problem: string, promise: string): Promise<void> {
      const { status } = await view();
      const grants = await world.grants("ada.byron", "exchangeAdministrator");
      const refusals = (await world.auditOf(id)).filter(({ type }) => type === "ProofRefused");
      story.show(
        "Audit",
        ...refusals.slice(-1).map(({ sequence, data }) => `#${sequence} ProofRefused ${String(data["problem"])}`),
      );
      const held = status === "AwaitingApproval" && grants.length === 0 && refusals.at(-1)?.data["problem"] === problem;
      story.promise(name, promise, held, { status, grants, refusals });
    }
    async function ring(): Promise<void> {
      await world.raiseEvent(id, "AskArrived", {});
      await world.stack.settle();
    }
    async function view(): Promise<Activation> {
      return (await world.api("ada.byron", "GET", `/api/activations/${id}`)).body as Activation;
    }
    async function checkNothing(name: string, promise: string): Promise<void> {
      const { status } = await view();
      const requests = (await world.grants("ada.byron", "exchangeAdministrator")).length;
      story.promise(
        name,
        promise,
        status === "AwaitingApproval" && requests === 0 && answers.every((one) => one === 202),
        {
          answers,
          status,
          requests,
        },
      );
    }
  },
};

/** A verdict row as the worker writes it, with the seal of another one. */
async function forgeDecision(world: World, id: string): Promise<void> {
  const rows = await rowsOf(world, id);
  const mine = rows.find(({ rowKey }) => String(rowKey).startsWith("verdict-"));
  const { body, mac } = JSON.parse(String(mine?.["json"])) as { readonly body: string; readonly mac: string };
  const { account, ...stepUp } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const dev = dailyId(numberOf("dev.patel"));
  const decision = {
    person: "dev.patel",
    account: dev,
    decidedAt: new Date(world.now()).toISOString(),
    verdict: { kind: "approve" },
  };
  const verdict = { ...stepUp, purpose: "decision", slot: 1, nonce: "forged", decision, was: account };
  await world.table("activations").createEntity({
    partitionKey: id,
    rowKey: "verdict-decision-forged",
    json: JSON.stringify({ body: JSON.stringify(verdict), mac }),
  });
}

/** A sign-in that approves, sealed to the worker like a true one; its token is signed by `key`. */
async function forgeProof(world: World, id: string, key: "own" | "other"): Promise<void> {
  const at = new Date(world.now()).toISOString();
  const oid = dailyId(numberOf("dev.patel"));
  const idToken = await world.stack.call("login", "mintIdToken", { oid, nonce: "captured", acrs: ["c1"], key });
  const content = JSON.stringify({ kind: "approve", durationMs: null });
  const proof = { purpose: "decision", idToken, random: "x".repeat(43), slot: 1, content };
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify(proof)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
    .encrypt(createPublicKey(world.workerPublicKey()));
  await world.table("pending").createEntity({
    partitionKey: id,
    rowKey: `proof-forged-${key}`,
    kind: "proof",
    dueAt: at,
    json: JSON.stringify({ createdAt: at, dueAt: at, body: { kind: "proof", sealed } }),
  });
}

async function forgeState(world: World, id: string): Promise<void> {
  const row = (await rowsOf(world, id)).find(({ rowKey }) => rowKey === "state");
  const stored = JSON.parse(String(row?.["json"])) as object;
  const at = new Date(world.now()).toISOString();
  const giveUpAt = new Date(world.now() + HOUR_MS).toISOString();
  const state = { status: "Granting", since: at, durationMs: HOUR_MS, attempt: 1, notBefore: at, giveUpAt, stop: null };
  const json = JSON.stringify({ ...stored, state });
  await world
    .table("activations")
    .updateEntity({ partitionKey: id, rowKey: "state", status: "Granting", json }, "Merge");
}

async function rowsOf(world: World, id: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  const filter = `PartitionKey eq '${id}'`;
  for await (const row of world.table("activations").listEntities({ queryOptions: { filter } })) found.push(row);
  return found;
}
