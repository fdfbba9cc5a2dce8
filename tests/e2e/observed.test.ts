import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adminId, APPS, dailyId, ROLES } from "../../local/seed.ts";
import { edited, SAMPLE } from "../support/policy-text.ts";
import { emptyFolder, runZs, type ZsResult } from "../support/run-zs.ts";
import {
  ADA_GLOBAL,
  HOUR_MS,
  MINUTE_MS,
  RunningApp,
  type DirectoryGrant,
  type Exchange,
} from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";

const DEV = 4; // in the identity team
const DAY_MS = 24 * HOUR_MS;
/** What docs/operations.md asks for, and nothing that writes. */
const READ_ONLY = [
  "RoleAssignmentSchedule.Read.Directory",
  "RoleEligibilitySchedule.Read.Directory",
  "RoleManagement.Read.Directory",
  "RoleManagementPolicy.Read.Directory",
  "Policy.Read.All",
  "User.Read.All",
  "GroupMember.Read.All",
  "Application.Read.All",
  "DelegatedPermissionGrant.Read.All",
  "AuditLog.Read.All",
];

/** A folder with the sample policy, a passage of it replaced. */
function policyWith(passage: string, replacement: string): string {
  const folder = mkdtempSync(join(tmpdir(), "zs-policy-"));
  writeFileSync(join(folder, "roles.yaml"), edited(SAMPLE.roles, passage, replacement));
  writeFileSync(join(folder, "people.yaml"), SAMPLE.people);
  return folder;
}

const ACTIVATED = { principalId: adminId(1), roleDefinitionId: ROLES.exchangeAdministrator[0], how: "selfActivated" };

describe("a tenant that is only watched, with read permissions", () => {
  const stack = useStack({
    split: false, // one identity with the documented read permissions
    settings: { POLICY_DIRECTORY: policyWith("mode: enforce", "mode: observe") },
  });
  const directory = emptyFolder();
  const app = (): RunningApp => new RunningApp(stack());

  async function zs(n: number, ...words: string[]): Promise<ZsResult> {
    const token = (await stack().call("login", "mint", { oid: dailyId(n) })) as string;
    return runZs(words, { directory, env: { ZS_API_URL: stack().addresses.app, ZS_ACCESS_TOKEN: token } });
  }

  it("reports what people activated in PIM itself and would not have got here", async () => {
    await stack().call("login", "setPermissions", { clientId: APPS.worker.clientId, permissions: READ_ONLY });
    await stack().call("graph", "addAssignment", { ...ACTIVATED, durationMs: 8 * HOUR_MS });
    await stack().clock.advance(DAY_MS);
    await stack().settle();
    const { findings } = JSON.parse((await zs(DEV, "findings", "--json")).stdout) as {
      readonly findings: readonly { readonly kind: string; readonly text: string }[];
    };
    const [native] = findings.filter(({ kind }) => kind === "nativeActivation");
    expect(native?.text).toMatch(/^Ada Byron activated Exchange Administrator at \/ for 8 h on .*names no ticket/);
  });

  it("refuses whoever asks for a role, and writes nothing into their ticket", async () => {
    const ticket = await app().openChange(ADA_GLOBAL);
    await stack().settle();
    expect(await app().activations(ticket)).toEqual([]);
    expect(await app().notes(ticket)).toEqual([]);
    const words = ["--ticket", `servicenow:${ticket}`, "--for", "1h", "--because", "rotate the signing key"];
    expect(await zs(1, "request", "Global Administrator", ...words)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("This tenant is only being watched") as unknown,
    });
    const add = ["eligibility", "add", "Security Reader", "--for", "hugo.brandt", "--days", "90"];
    expect(await zs(DEV, ...add, "--because", "reads the reports", "--no-wait")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("This tenant is only being watched") as unknown,
    });
  });

  it("still shows what is wrong", async () => {
    expect((await zs(DEV, "standing", "report")).exitCode).toBe(0);
    expect((await zs(DEV, "standing", "plan", "--out", join(directory, "plan.yaml"))).exitCode).toBe(0);
    const check = await zs(DEV, "policy", "check");
    expect(check.exitCode).toBe(1);
    expect(check.stdout).toContain("Conditional Access behind their authentication contexts is as it must be.");
  });

  it("writes nothing to Graph, and is refused nothing but its mail", async () => {
    await stack().clock.advance(2 * DAY_MS);
    await stack().settle();
    const exchanges = await app().exchanges();
    const isReading = ({ path, requestBody }: Exchange): boolean =>
      path.endsWith("/$batch") &&
      (JSON.parse(requestBody) as { requests: { method: string }[] }).requests.every(({ method }) => method === "GET");
    const writes = exchanges.filter((one) => one.method !== "GET" && !isReading(one));
    expect(new Set(writes.map(({ method, path, status }) => `${method} ${path.split("/").at(-1)} ${status}`))).toEqual(
      new Set(["POST sendMail 403"]),
    );
    const refused = exchanges.filter(({ method, status }) => method === "GET" && status >= 400);
    expect(new Set(refused.map(({ path }) => path))).toEqual(new Set(["/v1.0/subscribedSkus"]));
  });
});

describe("a policy that ends what is activated in PIM itself", () => {
  const ending = policyWith("# selfActivated: end", "selfActivated: end");
  const stack = useStack({ settings: { POLICY_DIRECTORY: ending } });
  const app = (): RunningApp => new RunningApp(stack());
  const last = async (): Promise<DirectoryGrant | undefined> =>
    ((await stack().call("graph", "grants")) as readonly DirectoryGrant[]).at(-1);

  it("ends it within minutes of the directory allowing it, and says so", async () => {
    await stack().call("graph", "addAssignment", { ...ACTIVATED, durationMs: 8 * HOUR_MS });
    await stack().clock.advance(4 * MINUTE_MS);
    expect(await last()).toMatchObject({ ended: null });
    await stack().clock.advance(6 * MINUTE_MS);
    await stack().settle();
    const row = await last();
    expect(row).toMatchObject({ principalId: adminId(1), ended: "removed" });
    const types = (await app().audit("findings"))
      .filter(({ data }) => data["scheduleId"] === row?.scheduleId)
      .map(({ type }) => type);
    expect(types).toEqual(["FindingReported", "RemovalAttempted", "SelfActivationEnded"]);
    const mails = (await app().mails()).filter(({ subject }) => subject.includes("outside of Zero Standing"));
    expect(mails.at(-1)?.content).toContain("It was ended.");
  });

  it("leaves alone what an administrator assigned", async () => {
    await stack().call("graph", "addAssignment", { ...ACTIVATED, how: "admin", durationMs: 8 * HOUR_MS });
    await stack().clock.advance(15 * MINUTE_MS);
    await stack().settle();
    expect(await last()).toMatchObject({ principalId: adminId(1), ended: null });
  });
});
