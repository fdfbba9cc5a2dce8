import { setTimeout as pause } from "node:timers/promises";
import type { ItemProgress } from "../../shared/domain/change.ts";
import type { DirectoryAnswer } from "../../shared/domain/directory.ts";
import { classifyDirectoryAnswer, rulesIn } from "../../shared/domain/directory-answer.ts";
import { nextItemStep, type ItemFacts, type ItemWrite } from "../../shared/domain/item-step.ts";
import { MINUTE_MS, plus, SECOND_MS } from "../../shared/domain/time.ts";
import { workRule } from "../settings/work-rule.ts";
import type { ChangeWorker } from "./change-worker.ts";
import { counted, finish, readItems, send } from "./item-acts.ts";
import { LOOKS_MS, type ItemOutcome } from "./item-outcome.ts";
import { takePace } from "./take-pace.ts";

const LONGEST_WAIT_MS = 2 * MINUTE_MS;

/** One item on its way: what is known of it, and once it is over, or waits, what came of it. */
interface Work {
  progress: ItemProgress;
  facts?: ItemFacts;
  outcome?: ItemOutcome;
}

/** What is to be written next about one item. */
interface Writing {
  readonly work: Work;
  readonly write: ItemWrite;
}

/** A write that was sent and is to be seen. */
interface Sent extends Writing {
  readonly answer: DirectoryAnswer;
}

/**
 * Works items until each is finished, waits or surprises, and answers what came of each. Looks at all first, writes what
 * is next of each, one after the other, and looks at all again; every write is counted and recorded before it is sent, so
 * that a crash at any point is only another look. What one item surprises with holds up no other; what the pace of bulk
 * writes does not permit now waits. May run twice.
 */
export async function workItems(
  worker: ChangeWorker,
  starts: readonly ItemProgress[],
): Promise<readonly ItemOutcome[]> {
  const works = starts.map((progress): Work => ({ progress }));
  for (const work of works) {
    const { finished, item } = work.progress;
    if (finished) work.outcome = { kind: "finished" };
    else if (item.action === "setRule" && item.rule) work.outcome = await workRule(worker, work.progress, item.rule);
  }
  const underWay = (): readonly Work[] => works.filter(({ outcome }) => outcome === undefined);
  await look(worker, underWay());
  while (underWay().length > 0) {
    const writings: Writing[] = [];
    for (const work of underWay()) {
      const write = await goOn(worker, work);
      if (write) writings.push({ work, write });
    }
    const sent: Sent[] = [];
    for (const writing of await permitted(worker, writings)) {
      const one = await sendOne(worker, writing);
      if (one) sent.push(one);
    }
    await readBack(worker, sent);
  }
  return works.flatMap(({ outcome }) => outcome ?? []);
}

/** One item alone. May run twice. */
export async function workItem(worker: ChangeWorker, start: ItemProgress): Promise<ItemOutcome> {
  const [outcome] = await workItems(worker, [start]);
  if (!outcome) throw new Error("nothing came of an item");
  return outcome;
}

async function look(worker: ChangeWorker, works: readonly Work[]): Promise<void> {
  if (works.length === 0) return;
  const facts = await readItems(
    worker,
    works.map(({ progress }) => progress.item),
  );
  for (const [index, work] of works.entries()) Object.assign(work, { facts: facts[index] });
}

/** The next step of one item, by what was last seen of it; answers what is to be written. */
async function goOn(worker: ChangeWorker, work: Work): Promise<ItemWrite | undefined> {
  if (!work.facts) throw new Error("an item was not looked at");
  const step = nextItemStep(work.progress, work.facts, worker.clock.now());
  switch (step.do) {
    case "finish":
      await finish(worker, work.progress, work.facts);
      work.outcome = { kind: "finished" };
      return undefined;
    case "wait":
      work.outcome = { kind: "wait", until: step.until };
      return undefined;
    case "stop":
      work.outcome = { kind: "stop", because: step.because };
      return undefined;
    default:
      return step.do;
  }
}

/** Those for which there is room now, in their order; the others wait. A role that is held now is ended in any case. */
async function permitted(worker: ChangeWorker, writings: readonly Writing[]): Promise<readonly Writing[]> {
  const asking = writings.filter(({ write }) => write !== "endActivation");
  if (asking.length === 0) return writings;
  const { granted, again } = await takePace(worker, asking.length);
  const later = new Set(asking.slice(granted));
  for (const { work } of later) work.outcome = { kind: "wait", until: again, paced: true };
  return writings.filter((writing) => !later.has(writing));
}

/** A write that is to be seen is answered. */
async function sendOne(worker: ChangeWorker, { work, write }: Writing): Promise<Sent | undefined> {
  work.progress = await counted(worker, work.progress, write);
  const sent = { work, write, answer: await send(worker, work.progress, write) };
  const outcome = refusedOrLater(worker, sent);
  if (!outcome) return sent;
  work.outcome = outcome;
  return undefined;
}

/** `undefined`: the write may be seen now. */
function refusedOrLater(worker: ChangeWorker, sent: Sent): ItemOutcome | undefined {
  const { write, answer } = sent;
  const judged = classifyDirectoryAnswer(answer, write.startsWith("end") ? "remove" : "assign");
  const code =
    answer.kind === "refused"
      ? [answer.code, ...rulesIn(answer.message)].join(", ")
      : answer.kind === "accepted"
        ? answer.status
        : "no answer";
  if (judged === "failed" || judged === "misconfigured")
    return { kind: "stop", because: `the directory refused ${write}: ${code}` };
  return judged === "later" ? waitAfter(worker, sent) : undefined;
}

/** Looks until every write is seen; what is next follows from that very look. What is not seen waits. */
async function readBack(worker: ChangeWorker, sent: readonly Sent[]): Promise<void> {
  const now = worker.clock.now();
  let unseen = sent;
  for (const ms of LOOKS_MS) {
    if (unseen.length === 0) return;
    if (ms > 0) await pause(ms);
    await look(
      worker,
      unseen.map(({ work }) => work),
    );
    unseen = unseen.filter(
      ({ work: { progress, facts }, write }) => !facts || nextItemStep(progress, facts, now).do === write,
    );
  }
  for (const one of unseen) one.work.outcome = waitAfter(worker, one);
}

function waitAfter(worker: ChangeWorker, { work: { progress }, answer }: Sent): ItemOutcome {
  const asked = answer.kind === "accepted" ? 0 : (answer.retryAfterMs ?? 0);
  const tries = Math.max(progress.makes, progress.takes);
  const until = plus(worker.clock.now(), Math.max(asked, Math.min(LONGEST_WAIT_MS, 5 * SECOND_MS * 2 ** tries)));
  return { kind: "wait", until };
}
