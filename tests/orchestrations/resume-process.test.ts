import { beforeEach, describe, expect, it } from "vitest";
import { nextResumeStep } from "../../orchestrations/resume.ts";
import { freezeDigest } from "../../functions/activation/freeze-digest.ts";
import { readResume, recordResume } from "../../functions/activities/record-resume.ts";
import { canonicalJson } from "../../shared/crypto/digest.ts";
import { signInNonce } from "../../shared/crypto/nonce.ts";
import type { ActivationId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import type { ResumeVerdict } from "../../shared/domain/verdict.ts";
import type { SealedRow } from "../../shared/ports/activation-store.ts";
import type { Freeze } from "../../shared/ports/controls.ts";
import type { SignInProof } from "../../shared/ports/sealing.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import { START } from "../support/memory-directory.ts";
import { ACTIVATION, ADA, adminOf, CORA, DEV, EVA, MemoryWorld, TEAM } from "../support/memory-world.ts";

const FREEZE = "f".repeat(32) as ActivationId;
const A_FREEZE: Freeze = { id: FREEZE, at: START, by: CORA.key, account: CORA.dailyAccount, because: "a drill" };

let world: MemoryWorld;
let count: number;

/** Does what the durable loop does, until there is nothing to do now. */
async function run(id: ActivationId = FREEZE): Promise<"resumed" | "waits"> {
  let facts = await readResume(world.worker)({ id });
  for (let steps = 0; steps < 10; steps++) {
    const step = nextResumeStep(facts, world.now);
    if (step.kind === "finish") return "resumed";
    if (step.kind === "wait") return "waits";
    facts = await recordResume(world.worker)({ id });
  }
  throw new Error("the process spins");
}

/** Somebody agrees on the page and signs in; `changes` spoil it. */
async function agree(
  who: Person,
  changes: Partial<VerifiedSignIn> & { readonly freeze?: Freeze; readonly purpose?: SignInProof["purpose"] } = {},
): Promise<SignInProof> {
  const { freeze = A_FREEZE, purpose = "resume", ...signIn } = changes;
  const random = `random-${(count += 1)}`;
  const nonce = signInNonce({ purpose, requestDigest: freezeDigest(freeze), content: "", random });
  const verified: VerifiedSignIn = {
    account: who.dailyAccount,
    nonce,
    authenticatedAt: world.now,
    authenticationContexts: ["c1"],
    ...signIn,
  };
  const proof: SignInProof = { purpose, idToken: JSON.stringify(verified), random, slot: 0, content: "" };
  await hand(proof, `proof-${verified.nonce}`);
  return proof;
}

const hand = (proof: SignInProof, key: string): Promise<boolean> =>
  world.ask(key, { kind: "proof", sealed: JSON.stringify(proof) }, FREEZE);

const records = () => world.tables.chains.get("controls") ?? [];
const types = (): readonly string[] => records().map(({ type }) => type);
const problems = () => records().map(({ data }) => data["problem"]);
const isFrozen = async (): Promise<boolean> => (await world.worker.controls.freeze()) !== undefined;

function theOnly(rows: readonly SealedRow[]): SealedRow {
  const [row, ...others] = rows;
  if (!row || others.length > 0) throw new Error(`not one row but ${rows.length}`);
  return row;
}

beforeEach(async () => {
  world = new MemoryWorld();
  count = 0;
  await world.worker.controls.startFreeze(A_FREEZE);
});

describe("resuming after a freeze", () => {
  it("lifts the freeze when two persons of the identity team agreed, the one who froze among them", async () => {
    await agree(CORA);
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
    await agree(DEV);
    expect(await run()).toBe("resumed");
    expect(await isFrozen()).toBe(false);
    expect(types()).toEqual(["ResumeAgreed", "ResumeAgreed", "GrantsResumed"]);
    expect(records().map(({ actor }) => actor)).toMatchObject([{ person: "cora" }, { person: "dev" }, {}]);
    expect(records().at(-1)?.data).toEqual({ freezeId: FREEZE, persons: [CORA.key, DEV.key] });
    expect(await world.tables.store.waiting(FREEZE)).toEqual([]);
  });

  it("seals the lift for this very freeze", async () => {
    await agree(CORA);
    await agree(DEV);
    await run();
    const { body, mac } = theOnly(world.tables.lifts);
    expect(JSON.parse(body)).toEqual({ freezeId: FREEZE, persons: [CORA.key, DEV.key], at: world.now });
    expect(world.worker.sealing.verify("resume", body, mac)).toBe(true);
  });

  it("takes no kept sign-in for the lift itself", async () => {
    await agree(CORA);
    await run();
    const { body, mac } = theOnly(await world.worker.controls.resumeVerdicts(FREEZE));
    expect(world.worker.sealing.verify("resume", body, mac)).toBe(false);
  });

  it.each(["dynamic", "nested", "owned", "assignableToRole"] as const)(
    "counts nobody of an identity team that somebody may fill by themselves (%s)",
    async (what) => {
      const group = world.directory.groups.get(TEAM);
      if (group) world.directory.groups.set(TEAM, { ...group, [what]: !group[what] });
      await agree(CORA);
      await agree(DEV);
      expect(await run()).toBe("waits");
      expect([await isFrozen(), problems()]).toEqual([true, ["WrongPerson", "WrongPerson"]]);
    },
  );

  it("counts the same person once, however often and through whichever account they sign in", async () => {
    await agree(CORA);
    await agree(CORA);
    await agree(CORA, { account: adminOf(CORA) });
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
    expect(types()).toEqual(["ResumeAgreed", "ResumeAgreed", "ResumeAgreed"]);
  });

  it.each<readonly [string, string, () => Promise<unknown>]>([
    ["somebody who is not in the identity team", "WrongPerson", () => agree(EVA)],
    ["an account that belongs to nobody", "WrongPerson", () => agree(DEV, { account: TEAM })],
    ["a sign-in for another freeze", "NotForThisRequest", () => agree(DEV, { freeze: { ...A_FREEZE, id: "other" } })],
    ["a sign-in for other reasons", "NotForThisRequest", () => agree(DEV, { freeze: { ...A_FREEZE, because: "x" } })],
    ["a sign-in with a nonce of its own", "NotForThisRequest", () => agree(DEV, { nonce: "captured" })],
    ["a sign-in for another purpose", "NotForThisRequest", () => agree(DEV, { purpose: "stepUp" })],
    ["a weak sign-in", "ContextMissing", () => agree(DEV, { authenticationContexts: [] })],
    ["an old sign-in", "SignInTooOld", () => agree(DEV, { authenticatedAt: plus(world.now, -10 * MINUTE_MS - 1) })],
  ])("refuses %s, and writes that down", async (_what, problem, attack) => {
    await agree(CORA);
    await attack();
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
    expect(types().toSorted()).toEqual(["ProofRefused", "ResumeAgreed"]);
    expect(problems()).toContain(problem);
  });

  it("refuses a disabled account and a guest", async () => {
    world.directory.accounts.set(DEV.dailyAccount, { id: DEV.dailyAccount, enabled: false, userType: "Member" });
    world.directory.accounts.set(CORA.dailyAccount, { id: CORA.dailyAccount, enabled: true, userType: "Guest" });
    await agree(CORA);
    await agree(DEV);
    expect(await run()).toBe("waits");
    expect(problems()).toEqual(["WrongAccount", "WrongAccount"]);
  });

  it("refuses a token that nobody signed, and what was not made for the worker", async () => {
    await hand({ ...(await agree(CORA)), idToken: "forged" }, "proof-forged");
    await world.ask("proof-noise", { kind: "proof", sealed: "noise" }, FREEZE);
    expect(await run()).toBe("waits");
    expect(problems().filter((one) => one !== undefined)).toEqual(["BadToken", "Unreadable"]);
  });

  it("does not count a stored verdict without a valid seal, or one of another freeze", async () => {
    await agree(CORA);
    await run();
    const verdict: ResumeVerdict = {
      freezeId: FREEZE,
      freezeDigest: freezeDigest(A_FREEZE),
      nonce: "n",
      person: DEV.key,
      account: DEV.dailyAccount,
      authenticatedAt: world.now,
      verifiedAt: world.now,
      authenticationContexts: ["c1"],
    };
    const body = canonicalJson(verdict);
    const foreign = canonicalJson({ ...verdict, freezeId: "0".repeat(32) });
    const { sealing, controls } = world.worker;
    await controls.keepResumeVerdict(FREEZE, "resume-1", { body, mac: "1.forged" });
    await controls.keepResumeVerdict(FREEZE, "resume-2", { body, mac: sealing.mac("verdict", body) });
    await controls.keepResumeVerdict(FREEZE, "resume-3", { body: foreign, mac: sealing.mac("resumeVerdict", foreign) });
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
  });

  it("does not let a sign-in be handed in twice under other names", async () => {
    const proof = await agree(CORA);
    await hand(proof, "proof-again");
    await run();
    await hand(proof, "proof-later");
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
    expect(types()).toEqual(["ResumeAgreed"]);
  });

  it("does not count who left the identity team meanwhile", async () => {
    await agree(CORA);
    await run();
    const team = world.directory.groups.get(TEAM);
    if (team) world.directory.groups.set(TEAM, { ...team, members: [DEV.dailyAccount] });
    await agree(DEV);
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
  });

  it("does not count who agreed to a freeze that reads differently now", async () => {
    await agree(CORA);
    await run();
    const changed = { ...A_FREEZE, because: "something else" };
    world.tables.freezeRow = changed;
    await agree(DEV, { freeze: changed });
    expect(await run()).toBe("waits");
    expect(await isFrozen()).toBe(true);
    await agree(CORA, { freeze: changed });
    expect(await run()).toBe("resumed");
  });

  it("starts from nothing for the next freeze", async () => {
    const [first, second] = [await agree(CORA), await agree(DEV)];
    await run();
    const next = "e".repeat(32) as ActivationId;
    await world.worker.controls.startFreeze({ ...A_FREEZE, id: next });
    for (const [index, proof] of [first, second].entries())
      await world.ask(`proof-${index}`, { kind: "proof", sealed: JSON.stringify(proof) }, next);
    expect(await run(next)).toBe("waits");
    expect(problems().filter((one) => one === "NotForThisRequest")).toHaveLength(2);
  });

  it("says no to a sign-in that comes after the lift", async () => {
    await agree(CORA);
    await agree(DEV);
    await run();
    await agree(CORA);
    expect(await run()).toBe("resumed");
    expect(problems().at(-1)).toBe("NotAskedNow");
  });

  it("waits while the directory cannot be asked, and loses nothing", async () => {
    await agree(CORA);
    await agree(DEV);
    const group = world.directory.group.bind(world.directory);
    world.directory.group = () => Promise.reject(new Error("down"));
    await expect(recordResume(world.worker)({ id: FREEZE })).rejects.toThrow("down");
    expect(await world.tables.store.waiting(FREEZE)).toHaveLength(2);
    world.directory.group = group;
    expect(await run()).toBe("resumed");
    expect(types()).toEqual(["ResumeAgreed", "ResumeAgreed", "GrantsResumed"]);
  });

  it("gives the same outcome when it dies at any write", async () => {
    for (let dieAt = 1; dieAt <= 7; dieAt++) {
      world = new MemoryWorld();
      await world.worker.controls.startFreeze(A_FREEZE);
      await agree(CORA);
      await agree(DEV);
      const died = dieAtWrite(dieAt);
      await expect(recordResume(died)({ id: FREEZE })).rejects.toThrow("died");
      expect(await run(), `died at write ${dieAt}`).toBe("resumed");
      expect(types().toSorted(), `died at write ${dieAt}`).toEqual(["GrantsResumed", "ResumeAgreed", "ResumeAgreed"]);
      expect(await world.tables.store.waiting(FREEZE)).toEqual([]);
    }
  });

  it("keeps what was verified before a crash although the sign-in is too old by now", async () => {
    await agree(CORA);
    await expect(recordResume(dieAtWrite(2))({ id: FREEZE })).rejects.toThrow("died");
    world.now = plus(world.now, 11 * MINUTE_MS);
    await agree(DEV);
    expect(await run()).toBe("resumed");
    expect(types()).toEqual(["ResumeAgreed", "ResumeAgreed", "GrantsResumed"]);
  });

  it("is started again by the sweeper while the freeze is in force, and cleared away afterwards", async () => {
    await agree(CORA);
    world.now = plus(world.now, MINUTE_MS);
    await world.sweep();
    expect(world.resumed).toEqual([FREEZE]);
    expect(await world.tables.store.waiting(FREEZE)).toHaveLength(1);
    await world.worker.controls.liftFreeze(FREEZE, { body: "", mac: "" });
    await world.sweep();
    expect(await world.tables.store.waiting(FREEZE)).toEqual([]);
  });

  it("proves nothing about an activation", async () => {
    world = new MemoryWorld();
    await world.claim();
    await world.run();
    await world.signIn({ account: adminOf(ADA), purpose: "resume" });
    expect((await world.run()).status).toBe("AwaitingStepUp");
    expect(world.tables.chains.get(ACTIVATION)?.at(-1)).toMatchObject({
      type: "ProofRefused",
      data: { problem: "NotForThisRequest" },
    });
  });
});

/** The worker whose process ends instead of its n-th write. */
function dieAtWrite(n: number): MemoryWorld["worker"] {
  let writes = 0;
  const write = <Result>(doIt: () => Promise<Result>): Promise<Result> =>
    (writes += 1) === n ? Promise.reject(new Error("died")) : doIt();
  const { worker } = world;
  const { store, controls, audit } = worker;
  return {
    ...worker,
    store: { ...store, settle: (...args) => write(() => store.settle(...args)) },
    audit: { ...audit, append: (...args) => write(() => audit.append(...args)) },
    controls: {
      ...controls,
      keepResumeVerdict: (...args) => write(() => controls.keepResumeVerdict(...args)),
      liftFreeze: (...args) => write(() => controls.liftFreeze(...args)),
    },
  };
}
