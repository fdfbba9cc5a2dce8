import { join } from "node:path";
import { AppVisitor } from "../../local/testing/app-visitor.ts";
import { adminId, dailyId, ROLES } from "../../local/seed.ts";
import type { Stack } from "../../local/stack/stack.ts";
import type { ChangeView } from "../../shared/contracts/change.ts";
import { killOnce, requestsOf, type Killing, type SeenRequest } from "./kill-at.ts";
import { emptyFolder, runZs } from "./run-zs.ts";
import { storedRows } from "./stored-rows.ts";

const MINUTE_MS = 60_000;
const TEAM = 4;
/** With Liam Dorsey, who does from the start, those whose Global Administrator stands. Cora Lindt approves, so she is none of them. */
const STANDING = [2, 6, 7].map(adminId);
const HOLDERS = [...STANDING, adminId(12)];
const ROLE = ROLES.globalAdministrator[0];

/** What Graph is asked for at a step of a wave or of its way back; the host is killed once that was so often. */
export interface KillAt {
  readonly step: "made eligible" | "standing taken" | "standing put back" | "eligibility taken";
  readonly nth: number;
}

const write =
  (of: "Assignment" | "Eligibility", action: string) =>
  ({ method, path, requestBody }: SeenRequest): boolean =>
    method === "POST" &&
    path.endsWith(`/role${of}ScheduleRequests`) &&
    requestBody.includes(`"${action}"`) &&
    HOLDERS.some((holder) => requestBody.includes(holder)); // the timers write about others

const STEPS: Readonly<Record<KillAt["step"], (request: SeenRequest) => boolean>> = {
  "made eligible": write("Eligibility", "adminAssign"),
  "standing taken": write("Assignment", "adminRemove"),
  "standing put back": write("Assignment", "adminAssign"),
  "eligibility taken": write("Eligibility", "adminRemove"),
};

/** How things are after the wave, and after its way back. */
export interface WaveEnd {
  readonly converted: readonly string[];
  readonly restored: readonly string[];
  /** Writes that the directory carried out, by step. */
  readonly written: Readonly<Record<string, number>>;
  /** Audit records about single principals, by change. */
  readonly recorded: readonly number[];
  /** Whose standing access was taken before anybody had read back that they are eligible. */
  readonly tooEarly: readonly string[];
}

/**
 * The top wave of a plan over four people, and its way back. The host is killed with `SIGKILL` once Graph was asked for what
 * `kill` names, and is started again. @throws Error when it never was killed
 */
export async function wholeWave(stack: Stack, kill?: KillAt): Promise<WaveEnd> {
  for (const principalId of STANDING)
    await stack.call("graph", "addAssignment", { principalId, roleDefinitionId: ROLE });
  await stack.call("graph", "clearExchanges");
  const directory = emptyFolder();
  const plan = join(directory, "plan.yaml");
  await zs(stack, directory, ["standing", "plan", "--out", plan]);
  const killing = kill && killOnce(stack, STEPS[kill.step], kill.nth);
  const apply = await agreed(stack, directory, ["standing", "apply", plan, "--wave", "1"], killing);
  const converted = await rowsOf(stack);
  const rollback = await agreed(stack, directory, ["standing", "rollback", plan, "--wave", "1"], killing);
  const restored = await rowsOf(stack);
  await killing?.over();
  const requests = await requestsOf(stack);
  const carriedOut = (step: KillAt["step"]): number =>
    requests.filter((one) => STEPS[step](one) && one.status === 201).length;
  return {
    converted,
    restored,
    written: Object.fromEntries((Object.keys(STEPS) as KillAt["step"][]).map((step) => [step, carriedOut(step)])),
    recorded: await Promise.all([apply, rollback].map((id) => itemsRecorded(stack, id))),
    tooEarly: HOLDERS.filter((holder) => takenTooEarly(requests, holder)),
  };
}

/** Asks for it, and both who have to sign in for it do; then waits as long as a restart may take. */
async function agreed(
  stack: Stack,
  directory: string,
  words: readonly string[],
  killing: Killing | undefined,
): Promise<string> {
  const execute = ["--execute", "--because", "no standing Global Administrators", "--no-wait", "--json"];
  const { stdout } = await zs(stack, directory, [...words, ...execute]);
  const { id } = JSON.parse(stdout) as ChangeView;
  await stack.settle();
  await answers(stack, "dev.patel", "confirm");
  await answers(stack, "cora.lindt", "approve");
  for (let minutes = 0; minutes < 30; minutes += 3) {
    await stack.settle().catch(() => undefined); // the host may die under it
    await killing?.revive();
    await stack.clock.advance(3 * MINUTE_MS).catch(() => undefined);
    await killing?.revive();
  }
  await stack.settle();
  return id;
}

async function zs(stack: Stack, directory: string, words: readonly string[]): Promise<{ readonly stdout: string }> {
  const token = (await stack.call("login", "mint", { oid: dailyId(TEAM) })) as string;
  return runZs(words, { directory, env: { ZS_API_URL: stack.addresses.app, ZS_ACCESS_TOKEN: token } });
}

async function answers(stack: Stack, person: string, choice: string): Promise<void> {
  const mails = (await stack.call("mailbox", "messages", { to: `${person}@contoso.example` })) as {
    readonly content: string;
  }[];
  const link = mails.flatMap(({ content }) => /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(content)?.[0] ?? []).at(-1);
  const visitor = new AppVisitor(`${person}@contoso.example`);
  const page = await visitor.choose(await visitor.open(link ?? ""), "signIn");
  await visitor.choose(page, choice).catch(() => undefined); // the host may die before it has answered
  await stack.settle().catch(() => undefined);
}

async function rowsOf(stack: Stack): Promise<readonly string[]> {
  const { rows } = (await stack.call("graph", "state")) as {
    readonly rows: readonly {
      readonly kind: string;
      readonly principalId: string;
      readonly roleDefinitionId: string;
      readonly endsAt: number | null;
      readonly removedAt: number | null;
    }[];
  };
  return rows
    .filter((row) => row.removedAt === null && row.roleDefinitionId === ROLE && HOLDERS.includes(row.principalId))
    .map(({ kind, principalId, endsAt }) => `${principalId} ${kind} ${endsAt === null ? "for ever" : "with an end"}`)
    .toSorted();
}

async function itemsRecorded(stack: Stack, id: string): Promise<number> {
  const records = await storedRows(stack, "audit", `change-${id}`);
  return records.filter(({ type }) => type === "ChangeItemDone").length;
}

function takenTooEarly(requests: readonly SeenRequest[], holder: string): boolean {
  const at = (matches: (request: SeenRequest) => boolean): number => requests.findIndex(matches);
  const made = at((one) => STEPS["made eligible"](one) && one.requestBody.includes(holder));
  const taken = at((one) => STEPS["standing taken"](one) && one.requestBody.includes(holder));
  const readBack = requests
    .slice(made + 1, Math.max(taken, 0))
    .some(({ method, path }) => method === "GET" && path.includes("roleEligibilitySchedule") && path.includes(holder));
  return taken !== -1 && !(made !== -1 && readBack);
}
