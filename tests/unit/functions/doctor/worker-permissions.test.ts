import { describe, expect, it } from "vitest";
import { workerPermissions } from "../../../../functions/doctor/worker-permissions.ts";
import type { ExaminedPart } from "../../../../shared/domain/doctor.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import type { OwnIdentity } from "../../../../shared/ports/doctor.ts";
import type { SelfReport } from "../../../../shared/ports/self-reports.ts";

const anIdentity = (...inToken: string[]): OwnIdentity => ({
  principalId: "e6000000-0000-4000-8000-000000000006" as PrincipalId,
  clientId: "c",
  tenantId: "t",
  inToken,
  granted: ["what a token of today does not carry yet"],
});

const report = (part: ExaminedPart, identity: OwnIdentity | null): SelfReport => ({
  part,
  at: "",
  identity,
  results: [],
});

const asked = (part: ExaminedPart, kept: readonly SelfReport[]) =>
  workerPermissions({
    part,
    self: { identity: async () => anIdentity("own") } as never,
    reports: { kept: async () => kept } as never,
  })();

describe("what the part that changes things may do in Graph", () => {
  it.each(["all", "worker"] as const)("is in its own token, where it is this process (%s)", async (part) => {
    expect(await asked(part, [report("worker", anIdentity("old"))])).toEqual({ kind: "read", names: ["own"] });
  });

  it("is what the worker last said, for a front of its own", async () => {
    const kept = [report("sweeper", anIdentity("sweeps")), report("worker", anIdentity("works"))];
    expect(await asked("front", kept)).toEqual({ kind: "read", names: ["works"] });
  });

  it.each([[[]], [[report("worker", null)]], [[report("sweeper", anIdentity("sweeps"))]]])(
    "is not known before the worker said it",
    async (kept) => {
      expect(await asked("front", kept)).toEqual({ kind: "notKnown" });
    },
  );
});
