import { writeReviewedPolicy } from "../demo/reviewed-policy.ts";
import type { Exchange } from "../local/http/server.ts";
import { dailyId, ROLES } from "../local/seed.ts";
import type { Stack } from "../local/stack/stack.ts";
import { startStack } from "../local/supervisor.ts";
import type { StandingPlanView } from "../shared/contracts/standing.ts";
import type { CampaignReport } from "../shared/contracts/review.ts";
import type { Benchmark, Session } from "./benchmark.ts";
import { DurableApi } from "./durable-api.ts";
import { residentOf } from "./program.ts";
import { toRow } from "./row.ts";

const POPULATIONS = { small: 10_000, large: 100_000 } as const;
const STANDING = 10_000;
const REMOVED = { few: 60, many: 240 } as const;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SAMPLE_EVERY_MS = 50;
const MEGABYTE = 1_000_000;
/** Of the directory, unless it is told otherwise. */
const PAGE = 100;
/** Brokered roles that nothing protects from having their last eligibility removed. */
const CROWDED = [ROLES.helpdeskAdministrator[0], ROLES.userAdministrator[0]];
/** Dev Patel, of the identity team. */
const TEAM = dailyId(4);

/** What an access review of many costs: memory and Graph requests of opening it, history and requests of working it. */
export const review: Benchmark = {
  id: "review",
  async run(session) {
    const opened = {
      small: await openOver(session, POPULATIONS.small),
      large: await openOver(session, POPULATIONS.large),
    };
    const worked = { few: await workOver(session, REMOVED.few), many: await workOver(session, REMOVED.many) };
    const plan = await planOver(session);
    session.keep(this.id, { opened, worked, plan });
    const { small, large } = opened;
    return [
      toRow({
        id: "review.memory",
        what: `resident memory of the worker that opened a campaign over ${POPULATIONS.large}, its garbage collected (${megabytes(large.keptBytes)}), to one over ${POPULATIONS.small}`,
        value: large.keptBytes / small.keptBytes,
        unit: "x",
        baseline: megabytes(small.keptBytes),
        goal: { atMost: 1.2 },
      }),
      toRow({
        id: "review.memory-peak",
        what: `the most that it held meanwhile, garbage with it (${megabytes(large.residentBytes)}), to one over ${POPULATIONS.small}`,
        value: large.residentBytes / small.residentBytes,
        unit: "x",
        baseline: megabytes(small.residentBytes),
        goal: { atMost: 1.2 },
      }),
      toRow({
        id: "review.requests-to-pages",
        what: `Graph reads of eligibility that opening it over ${POPULATIONS.large} takes (${large.pages}), to pages of ${PAGE}`,
        value: large.pages / Math.ceil(large.rows / PAGE),
        unit: "x",
        baseline: `${Math.ceil(large.rows / PAGE)} pages`,
        goal: { atMost: 1 },
      }),
      toRow({ id: "review.opens", what: `it opens over ${POPULATIONS.large}`, value: large.tookMs / 1_000, unit: "s" }),
      toRow({
        id: "review.history",
        what: `longest history of an orchestration while ${REMOVED.many} are removed (${worked.many.longestHistory} events), to ${REMOVED.few}`,
        value: worked.many.longestHistory / worked.few.longestHistory,
        unit: "x",
        baseline: `${worked.few.longestHistory} events`,
        goal: { atMost: 1.2 },
      }),
      toRow({
        id: "review.requests-per-removal",
        what: `Graph requests for each of ${REMOVED.many} removals: looked at, removed, read back`,
        value: worked.many.requests / worked.many.removed,
        unit: "requests",
      }),
      toRow({
        id: "plan.requests-to-pages",
        what: `Graph reads of assignments that a plan over ${STANDING} takes (${plan.pages}), to pages of ${PAGE}`,
        value: plan.pages / Math.ceil(plan.rows / PAGE),
        unit: "x",
        baseline: `${Math.ceil(plan.rows / PAGE)} pages`,
        goal: { atMost: 1 },
      }),
      toRow({ id: "plan.took", what: `a plan over ${STANDING} is made`, value: plan.tookMs / 1_000, unit: "s" }),
    ];
  },
};

const megabytes = (bytes: number): string => `${Math.round(bytes / MEGABYTE)} MB`;

interface Opened {
  readonly keptBytes: number;
  readonly residentBytes: number;
  readonly pages: number;
  readonly rows: number;
  readonly tookMs: number;
}

/** The hourly look finds the campaign due and opens it over so many. */
async function openOver(session: Session, count: number): Promise<Opened> {
  const stack = await stackUnderReview(session);
  try {
    await stack.call("graph", "addCrowd", { kind: "eligibility", count, roleDefinitionIds: CROWDED });
    const rows = await rowsOf(stack, "eligibility");
    const counted = countWhile(stack, () => stack.clock.advance(HOUR_MS).catch(stillBusy));
    const { residentBytes, tookMs, exchanges } = await counted;
    await stack.call("host", "collectGarbage");
    const keptBytes = residentOf([pidOfHost(stack)]);
    const opened = (await campaignOf(stack)).items.length;
    if (opened < count) throw new Error(`the campaign has ${opened} of ${count}`);
    return { keptBytes, residentBytes, tookMs, rows, pages: listsOf(exchanges, "roleEligibilityScheduleInstances") };
  } finally {
    await stack.stop();
  }
}

interface Worked {
  readonly longestHistory: number;
  readonly requests: number;
  readonly removed: number;
}

/** Nobody answers, so at the deadline everybody is removed who may be. */
async function workOver(session: Session, count: number): Promise<Worked> {
  const stack = await stackUnderReview(session);
  try {
    await stack.call("graph", "addCrowd", { kind: "eligibility", count, roleDefinitionIds: CROWDED });
    await stack.clock.advance(HOUR_MS);
    await stack.settle();
    const durable = new DurableApi(stack);
    let longestHistory = 0;
    const removals: Exchange[] = [];
    for (let moved = 0; moved < 16 * DAY_MS; moved += DAY_MS / 2) {
      await stack.call("graph", "clearExchanges");
      await stack.clock.advance(DAY_MS / 2);
      await stack.settle();
      const exchanges = (await stack.call("graph", "exchanges")) as readonly Exchange[];
      if (exchanges.some(isRemoval)) removals.push(...onTheWire(exchanges).filter(ofItems));
      for (const id of await durable.instanceIds())
        longestHistory = Math.max(longestHistory, await durable.historyLength(id));
    }
    const removed = removals.filter(isRemoval).length;
    if (removed < count) throw new Error(`${removed} of ${count} were removed`);
    return { longestHistory, requests: removals.length, removed };
  } finally {
    await stack.stop();
  }
}

const isRemoval = ({ method, path }: Exchange): boolean =>
  method === "POST" && path.includes("/roleEligibilityScheduleRequests");
/** Of one principal: not the looks over the whole tenant that happen on the same days. */
const ofItems = (exchange: Exchange): boolean =>
  isRemoval(exchange) || isLook(exchange.path) || (isBatch(exchange) && isLook(exchange.requestBody));
const isLook = (text: string): boolean => text.includes("ScheduleInstances") && text.includes("principalId");
const isBatch = ({ path }: Exchange): boolean => path.endsWith("/$batch");

/** The directory keeps the parts of a batch, each as if it had come alone, right before the batch. */
function onTheWire(exchanges: readonly Exchange[]): readonly Exchange[] {
  const found: Exchange[] = [];
  for (const exchange of exchanges) {
    if (isBatch(exchange)) {
      const { requests } = JSON.parse(exchange.requestBody) as {
        readonly requests: readonly { readonly url: string }[];
      };
      for (const { url } of requests) {
        const part = found.findLastIndex(
          ({ method, path }) => method === "GET" && decodeURIComponent(path).endsWith(decodeURIComponent(url)),
        );
        if (part !== -1) found.splice(part, 1);
      }
    }
    found.push(exchange);
  }
  return found;
}

interface Planned {
  readonly pages: number;
  readonly rows: number;
  readonly tookMs: number;
}

async function planOver(session: Session): Promise<Planned> {
  const stack = await stackUnderReview(session);
  try {
    await stack.call("graph", "addCrowd", { kind: "assignment", count: STANDING, roleDefinitionIds: CROWDED });
    const rows = await rowsOf(stack, "assignment");
    const { tookMs, exchanges, result } = await countWhile(stack, () =>
      ask<StandingPlanView>(stack, "/api/standing/plan"),
    );
    if (result.items.length < STANDING) throw new Error(`the plan has ${result.items.length} items`);
    return { tookMs, rows, pages: listsOf(exchanges, "roleAssignmentScheduleInstances") };
  } finally {
    await stack.stop();
  }
}

const stackUnderReview = (session: Session): Promise<Stack> => {
  const dataDirectory = session.directory("review");
  const policy = writeReviewedPolicy(session.directory("review-policy"), new Date().toISOString().slice(0, 10));
  return startStack({ dataDirectory, clock: "manual", settings: { POLICY_DIRECTORY: policy } });
};

interface Counted<T> {
  readonly result: T;
  readonly residentBytes: number;
  readonly tookMs: number;
  readonly exchanges: readonly Exchange[];
}

function pidOfHost(stack: Stack): number {
  const { pid } = stack.describe().processes["host"] ?? {};
  if (!pid) throw new Error("there is no host");
  return pid;
}

/** Runs the work until the stack is quiet; answers what the worker's process held at most, and its Graph traffic. */
async function countWhile<T>(stack: Stack, work: () => Promise<T>): Promise<Counted<T>> {
  await stack.call("graph", "clearExchanges");
  const pid = pidOfHost(stack);
  let residentBytes = 0;
  const timer = setInterval(() => {
    residentBytes = Math.max(residentBytes, residentOf([pid]));
  }, SAMPLE_EVERY_MS);
  try {
    const begin = performance.now();
    const result = await work();
    await untilQuiet(stack);
    const tookMs = performance.now() - begin;
    const exchanges = (await stack.call("graph", "exchanges")) as readonly Exchange[];
    return { result, residentBytes, tookMs, exchanges };
  } finally {
    clearInterval(timer);
  }
}

/** The stack gives up waiting after a while; a large campaign takes longer. */
async function untilQuiet(stack: Stack): Promise<void> {
  for (;;) if ((await stack.settle().catch(stillBusy)) !== "busy") return;
}

function stillBusy(error: unknown): "busy" {
  if (error instanceof Error && error.message.includes("still busy")) return "busy";
  throw error;
}

/** Reads of a whole list, page by page. */
const listsOf = (exchanges: readonly Exchange[], name: string): number =>
  exchanges.filter(({ method, path }) => method === "GET" && path.includes(name) && !path.includes("principalId"))
    .length;

async function rowsOf(stack: Stack, kind: string): Promise<number> {
  const { rows } = (await stack.call("graph", "state")) as { readonly rows: readonly { readonly kind: string }[] };
  return rows.filter((row) => row.kind === kind).length;
}

async function campaignOf(stack: Stack): Promise<CampaignReport> {
  const { campaigns } = await ask<{ readonly campaigns: readonly { readonly id: string }[] }>(stack, "/api/reviews");
  const [campaign] = campaigns;
  if (!campaign) throw new Error("no campaign was opened");
  return ask(stack, `/api/reviews/${campaign.id}`);
}

async function ask<T>(stack: Stack, path: string): Promise<T> {
  const token = (await stack.call("login", "mint", { oid: TEAM })) as string;
  const response = await fetch(new URL(path, stack.addresses.app), { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
