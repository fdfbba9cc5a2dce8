import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { judgePermissions, permissionGaps } from "../../../../cli/doctor/graph-permissions.ts";
import { permissionScript } from "../../../../cli/doctor/permission-commands.ts";
import { readPermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import { partReport, type PartReport } from "../../../../shared/contracts/doctor.ts";
import { emptyFolder } from "../../../support/run-zs.ts";

const FILE = readPermissionsFile(undefined);
const PRINCIPAL = "e6000000-0000-4000-8000-000000000006";

const report = (part: PartReport["part"], granted: readonly string[], inToken = granted): PartReport => ({
  part,
  at: "2026-11-24T09:00:00.000Z",
  identity: {
    principalId: PRINCIPAL,
    clientId: PRINCIPAL,
    tenantId: PRINCIPAL,
    inToken: [...inToken],
    granted: [...granted],
  },
  results: [],
});
const gapsOf = (
  part: PartReport["part"],
  granted: readonly string[],
  mode: "enforce" | "observe" = "enforce",
  reviewsInEntra = false,
) =>
  permissionGaps(report(part, granted), { mode, reviewsInEntra }, FILE).map(
    ({ kind, permission }) => `${kind} ${permission}`,
  );
/** What the front alone reads. */
const FRONT_ONLY = ["DelegatedPermissionGrant.Read.All", "PrivilegedEligibilitySchedule.Read.AzureADGroup"];
const given = (part: "front" | "worker" | "sweeper"): readonly string[] => Object.keys(FILE.parts[part].graph);

describe("permissions of Graph against the file", () => {
  it.each(["front", "worker", "sweeper"] as const)("are well when the %s has exactly its own", (part) => {
    expect(gapsOf(part, given(part))).toEqual([]);
  });

  it("are too many for a front that may grant", () => {
    expect(gapsOf("front", [...given("front"), "RoleAssignmentSchedule.ReadWrite.Directory"])).toEqual([
      "surplus RoleAssignmentSchedule.ReadWrite.Directory",
    ]);
  });

  it("are too few without one of them", () => {
    expect(gapsOf("sweeper", given("sweeper").slice(1))).toEqual(["missing RoleAssignmentSchedule.Remove.Directory"]);
  });

  it("of one process that is all parts need no narrow ones beside the wide ones", () => {
    const wide = [...given("worker"), "AuditLog.Read.All", ...FRONT_ONLY];
    expect(gapsOf("all", wide)).toEqual([]);
    expect(gapsOf("all", [...wide, "RoleAssignmentSchedule.Read.Directory"])).toEqual([
      "surplus RoleAssignmentSchedule.Read.Directory",
    ]);
  });

  it("of who only watches must not write", () => {
    const reads = [
      "RoleAssignmentSchedule.Read.Directory",
      "RoleEligibilitySchedule.Read.Directory",
      "RoleManagement.Read.Directory",
      "RoleManagementPolicy.Read.Directory",
      "Application.Read.All",
      "AuditLog.Read.All",
      "LicenseAssignment.Read.All",
      "Policy.Read.All",
      "User.Read.All",
      "GroupMember.Read.All",
      ...FRONT_ONLY,
    ];
    expect(gapsOf("all", reads, "observe")).toEqual([]);
    expect(gapsOf("all", [...reads, "Mail.Send"], "observe")).toEqual(["surplus Mail.Send"]);
  });

  it.each(["worker", "all"] as const)("open reviews in Entra (%s) only where the policy holds them there", (part) => {
    const own = [...given("worker"), "AuditLog.Read.All", ...(part === "all" ? FRONT_ONLY : [])];
    const reviews = "AccessReview.ReadWrite.All";
    expect(gapsOf(part, own, "enforce", true)).toEqual([`missing ${reviews}`]);
    expect(gapsOf(part, [...own, reviews], "enforce", true)).toEqual([]);
    expect(gapsOf(part, [...own, reviews])).toEqual([`surplus ${reviews}`]);
  });

  it("that a token has not got yet are a warning", () => {
    const [before, ...rest] = given("front");
    const results = judgePermissions(report("front", [before ?? "", ...rest], rest), []);
    expect(results.map(({ result, text }) => [result, text])).toEqual([
      [
        "warning",
        `The identity of the front (${PRINCIPAL}) still acts by an older token: ${before ?? ""} was granted since.`,
      ],
    ]);
  });
});

describe("the script that puts permissions right", () => {
  /** `az` that answers ids to reads, and writes down what it was called with. */
  function run(script: readonly string[]): readonly string[] {
    const folder = emptyFolder();
    writeFileSync(
      join(folder, "az"),
      `#!/bin/sh
for last; do :; done
case "$*" in
  *appRoleAssignments*--query*) echo assignment-id;;
  *"--query id"*) echo graph-id;;
  *--query*) echo "role-of-$(echo "$*" | sed "s/.*value=='\\([^']*\\)'.*/\\1/")";;
  *) for word; do printf '%s\\n' "$word" >> "${folder}/calls"; done;;
esac
`,
    );
    chmodSync(join(folder, "az"), 0o700);
    writeFileSync(join(folder, "calls"), "");
    execFileSync("sh", ["-c", script.join("\n")], { env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
    return execFileSync("cat", [join(folder, "calls")])
      .toString()
      .trim()
      .split("\n");
  }

  it("grants what is missing and takes away what is too much, by the names of this tenant's Graph", () => {
    const gap = { part: "worker", principalId: PRINCIPAL, because: "why" } as const;
    const calls = run(
      permissionScript([
        { ...gap, permission: "Mail.Send", kind: "missing" },
        { ...gap, permission: "Directory.ReadWrite.All", kind: "surplus" },
      ]),
    );
    const graph = "https://graph.microsoft.com/v1.0/servicePrincipals";
    expect(calls).toEqual([
      ...["rest", "--method", "POST", "--url", `${graph}/graph-id/appRoleAssignedTo`],
      ...["--headers", "Content-Type=application/json", "--body"],
      `{"principalId":"${PRINCIPAL}","resourceId":"graph-id","appRoleId":"role-of-Mail.Send"}`,
      ...["rest", "--method", "DELETE", "--url", `${graph}/${PRINCIPAL}/appRoleAssignments/assignment-id`],
    ]);
  });

  it("is made of no name that a shell would obey", () => {
    expect(partReport.safeParse(report("front", given("front"))).success).toBe(true);
    for (const name of ['x$(touch "$HOME/taken")', "x'y", "x;y", "x y", "x\ny"])
      expect(partReport.safeParse(report("front", [name])).success).toBe(false);
  });
});

describe("the file of permissions", () => {
  const reading = (text: string) => () => {
    const file = join(emptyFolder(), "permissions.yaml");
    writeFileSync(file, text);
    return readPermissionsFile(file);
  };
  const parts = "parts: { front: { graph: {} }, worker: { graph: {} }, sweeper: { graph: {} } }\n";

  it.each([
    [
      `${parts}administrators: [{ principal: me, name: Me, because: I say so }]`,
      /administrators\.0\.principal is not an object id/,
    ],
    [`${parts}administrators: [{ principal: ${PRINCIPAL}, name: Me }]`, /administrators\.0\.because/],
    [
      "parts: { front: { graph: { 'a b': x } }, worker: { graph: {} }, sweeper: { graph: {} } }\nadministrators: []",
      /graph\.a b Invalid key/,
    ],
    ["parts: [", /is not YAML/],
  ])("is refused with what is wrong in it", (text, problem) => {
    expect(reading(text)).toThrow(problem);
  });

  it("may list nobody", () => {
    expect(reading(`${parts}administrators: []`)().administrators).toEqual([]);
  });
});
