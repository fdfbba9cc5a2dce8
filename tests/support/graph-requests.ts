import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { setClock } from "../../local/clock.ts";
import { adminId, ROLES } from "../../local/seed.ts";
import { startLocalDirectory, type DirectoryClient, type GraphAnswer, type LocalDirectory } from "./local-directory.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const ASSIGNMENTS = "/roleManagement/directory/roleAssignmentSchedule";
export const ELIGIBILITIES = "/roleManagement/directory/roleEligibilitySchedule";
export const REQUESTS = `${ASSIGNMENTS}Requests`;

/** The time of the directory in these tests; it stands still until it is moved. */
let nowMs = Date.parse("2026-03-02T09:00:00.000Z");
export const now = (): number => nowMs;
export const pass = (ms: number): void => {
  nowMs += ms;
  setClock({ mode: "manual", nowMs });
};

/** A tenant for one group of tests, started before them; after each of them all traffic must fit Graph's contract. */
export function tenantOfItsOwn(): () => LocalDirectory {
  let directory: LocalDirectory | undefined;
  const current = (): LocalDirectory => {
    if (!directory) throw new Error("the directory is not started");
    return directory;
  };
  beforeAll(async () => {
    pass(0);
    directory = await startLocalDirectory();
  });
  afterEach(() => {
    current().control("clearFaults");
    expect(current().contractProblems()).toEqual([]);
    current().control("clearExchanges");
  });
  afterAll(async () => {
    await current().stop();
    setClock({ mode: "real", offsetMs: 0 });
  });
  return current;
}

export const role = (name: keyof typeof ROLES): string => ROLES[name][0];
export const values = (answer: GraphAnswer): readonly Record<string, unknown>[] =>
  answer.body["value"] as readonly Record<string, unknown>[];
export const codeOf = (answer: GraphAnswer): unknown => (answer.body["error"] as { readonly code: string }).code;
export const messageOf = (answer: GraphAnswer): string =>
  (answer.body["error"] as { readonly message: string }).message;
export const ids = (answer: GraphAnswer): unknown[] => values(answer).map(({ id }) => id);

/** The request that our app sends, with what a test changes of it. */
export const order = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  action: "adminAssign",
  principalId: adminId(1),
  roleDefinitionId: role("userAdministrator"),
  directoryScopeId: "/",
  justification: "CHG0030192: rotate a key",
  ticketInfo: { ticketNumber: "CHG0030192", ticketSystem: "ServiceNow" },
  scheduleInfo: {
    startDateTime: new Date(nowMs - 3_000).toISOString(),
    expiration: { type: "afterDuration", duration: "PT2H" },
  },
  ...changes,
});
export const lasting = (duration: string): object => ({ expiration: { type: "afterDuration", duration } });
export const removal = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...order({ action: "adminRemove", ...changes }),
  scheduleInfo: undefined,
});
export const tripleFilter = (request: Readonly<Record<string, unknown>>): string =>
  `principalId eq '${String(request["principalId"])}' and roleDefinitionId eq '${String(request["roleDefinitionId"])}' and directoryScopeId eq '${String(request["directoryScopeId"])}'`;
/** The instances in force that exactly this principal, role and scope has. */
export const instancesOf = (
  client: DirectoryClient,
  request: Readonly<Record<string, unknown>>,
  caller = "all",
  kind = ASSIGNMENTS,
): Promise<GraphAnswer> => client.get(`${kind}Instances?$filter=${encodeURIComponent(tripleFilter(request))}`, caller);
