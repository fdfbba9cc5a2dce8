import { HttpRequest, InvocationContext } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { keepReport, type Examiner } from "../../../../functions/doctor/examine.ts";
import { createRunNotes } from "../../../../functions/doctor/timers.ts";
import { showDoctor, showPrincipals, type DoctorDoor } from "../../../../functions/triggers/show-doctor.http.ts";
import { doctorView, type DoctorView } from "../../../../shared/contracts/doctor.ts";
import type { ExaminedPart } from "../../../../shared/domain/doctor.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";
import type { ApplicationPosture } from "../../../../shared/domain/posture.ts";
import { HOUR_MS, MINUTE_MS, plus, type Instant } from "../../../../shared/domain/time.ts";
import { DependencyError } from "../../../../shared/ports/dependency-error.ts";
import type { SelfReport } from "../../../../shared/ports/self-reports.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { MemoryWorld } from "../../../support/memory-world.ts";

const IDENTITY = { clientId: "c6", inToken: ["User.Read.All"], granted: ["User.Read.All"] };

/** The doctor's door of a part, over a world in memory in which everything else is well. */
class Installation {
  readonly world = new MemoryWorld();
  readonly kept = new Map<string, SelfReport>();
  readonly runs = new Map<string, Instant>();
  clockIsAway = false;
  teamIsHidden = false;
  applications: ApplicationPosture = { kind: "read", applications: [] };

  examiner(part: ExaminedPart): Examiner {
    const { clock, policies } = this.world.worker;
    const principalId = `e6000000-0000-4000-8000-00000000000${part.length}` as PrincipalId;
    return {
      part,
      clock,
      policies,
      startedAt: clock.now(),
      tenantId: policies.policy.tenantId,
      settings: { keyed: [], signsCheckpoints: true, policyOverridden: false },
      self: {
        identity: async () => ({ ...IDENTITY, principalId, tenantId: policies.policy.tenantId }),
        time: async () => {
          if (this.clockIsAway) throw new Error("token eyJhbGciOi was refused");
          return clock.now();
        },
        registrations: async () => [],
        principals: async () => [],
      },
      tables: { reach: async () => [{ name: "claims", problem: undefined }] },
      queues: undefined,
      tickets: undefined,
      accepted: { list: async () => [] },
      reports: {
        noteRun: async (timer, at) => void this.runs.set(timer, at),
        lastRuns: async () => this.runs,
        keep: async (report) => void this.kept.set(report.part, report),
        kept: async () => [...this.kept.values()],
      },
      signIn: undefined,
    };
  }

  /** Somebody of the identity team asks the part. */
  async ask(part: ExaminedPart): Promise<DoctorView> {
    const door: DoctorDoor = { ...this.door(), examiner: this.examiner(part), clientIds: [] };
    const request = new HttpRequest({ method: "GET", url: "https://app.example/api/doctor" });
    const answer = await showDoctor(door)(request, new InvocationContext());
    return doctorView.parse(JSON.parse(answer.body as string));
  }

  door(): MemoryFront["front"] {
    this.world.directory.applications = async () => this.applications;
    const { front } = new MemoryFront(this.world);
    const [person] = front.policies.people.all();
    if (!person) throw new Error("the policy has no people");
    const { dailyAccount: account } = person;
    return {
      ...front,
      callers: { verify: async () => ({ caller: { account, tenantId: "", clientId: "" } }) },
      directory: {
        ...front.directory,
        account: async (id) => ({ id, enabled: true, userType: "Member" }),
        group: async (id) => {
          if (this.teamIsHidden) throw new DependencyError("Misconfigured", "Graph GET /groups: 403");
          return { id, members: [account] } as never;
        },
      },
    };
  }
}

const faultsOf = (view: DoctorView): readonly string[] =>
  view.parts.flatMap(({ part, results }) =>
    results.filter(({ result }) => result === "fault").map(({ text }) => `${part}: ${text}`),
  );

describe("the doctor's door of a front", () => {
  it("shows what the other parts said, and names one that never did", async () => {
    const installation = new Installation();
    await keepReport(installation.examiner("worker"))();
    const view = await installation.ask("front");
    expect(view.parts.map(({ part }) => part)).toEqual(["front", "worker", "sweeper"]);
    expect(view.parts[1]?.identity?.inToken).toEqual(["User.Read.All"]);
    expect(faultsOf(view)).toEqual(["sweeper: The sweeper has never said anything about itself."]);
  });

  it("names a part that said nothing for more than two hours", async () => {
    const installation = new Installation();
    for (const part of ["worker", "sweeper"] as const) await keepReport(installation.examiner(part))();
    installation.world.now = plus(installation.world.now, 2 * HOUR_MS);
    expect(faultsOf(await installation.ask("front"))).toEqual([]);
    installation.world.now = plus(installation.world.now, MINUTE_MS);
    await keepReport(installation.examiner("worker"))();
    expect(faultsOf(await installation.ask("front"))).toEqual([
      "sweeper: The sweeper said nothing for 2 h about itself.",
    ]);
  });

  it("still says which permissions every identity has where it cannot read who is in the identity team", async () => {
    const installation = new Installation();
    await keepReport(installation.examiner("worker"))();
    installation.teamIsHidden = true;
    const view = await installation.ask("front");
    expect(view.parts.map(({ part, identity }) => [part, identity?.inToken])).toEqual([
      ["front", ["User.Read.All"]],
      ["worker", ["User.Read.All"]],
    ]);
    expect(view.parts.flatMap(({ results }) => results)).toHaveLength(1);
    expect(view.administrators).toBe(null);
  });

  it("says that applications and their owners were not read, never that they are well", async () => {
    const installation = new Installation();
    installation.applications = { kind: "notAllowed" };
    expect(faultsOf(await installation.ask("all"))).toEqual([
      "all: Which applications have tier-0 permissions, and who owns them, could not be read: the identity lacks Application.Read.All.",
    ]);
    const owner = { id: "d0" as PrincipalId, kind: "user", name: "Owner" } as const;
    const application = {
      id: "e8" as PrincipalId,
      name: "Sync",
      enabled: true,
      permissions: [],
      owners: [owner],
      registrationOwners: [],
    };
    installation.applications = { kind: "read", applications: [{ ...application, moreOwners: true }] };
    const view = await installation.ask("all");
    expect(faultsOf(view)).toEqual(["all: Not all owners of Sync could be read."]);
    expect(view.administrators?.map(({ name, can }) => `${name} ${can}`)).toContain("Owner owns Sync");
  });

  it("asks nobody else where one process is all parts", async () => {
    expect((await new Installation().ask("all")).parts.map(({ part }) => part)).toEqual(["all"]);
  });

  it("says nothing of an unknown error but that there was one", async () => {
    const installation = new Installation();
    installation.clockIsAway = true;
    expect(faultsOf(await installation.ask("all"))).toEqual([
      "all: The clock was not compared with the directory's: it failed in an unknown way.",
    ]);
  });

  it("takes 1 to 200 object ids to name, and nothing else", async () => {
    const installation = new Installation();
    const door = { ...installation.door(), examiner: installation.examiner("all"), clientIds: [] };
    const status = async (ids: string): Promise<number | undefined> => {
      const url = `https://app.example/api/doctor/principals?ids=${encodeURIComponent(ids)}`;
      return (await showPrincipals(door)(new HttpRequest({ method: "GET", url }), new InvocationContext())).status;
    };
    const id = "e6000000-0000-4000-8000-000000000006";
    expect(await status(id)).toBe(200);
    expect(await status(Array.from({ length: 200 }, () => id).join())).toBe(200);
    expect(await status(Array.from({ length: 201 }, () => id).join())).toBe(400);
    for (const bad of ["", "x", `${id},x`, `${id}' or id ne '`]) expect(await status(bad)).toBe(400);
  });
});

describe("notes of runs", () => {
  it("are written every other minute at most, and hold up nothing when they cannot be", async () => {
    let now = "2026-11-24T09:00:00.000Z";
    const noted: Instant[] = [];
    const logged: string[] = [];
    let isAway = false;
    const note = createRunNotes({
      clock: { now: () => now },
      log: (_level, message) => void logged.push(message),
      reports: {
        noteRun: async (_timer, at) => {
          if (isAway) throw new DependencyError("Unavailable", "table storage, findings: 500");
          noted.push(at);
        },
      },
    });
    for (let minute = 0; minute < 9; minute += 1) {
      await note("sweep");
      now = plus(now, MINUTE_MS);
    }
    expect(noted.map((at) => at.slice(11, 16))).toEqual(["09:00", "09:04", "09:08"]);
    isAway = true;
    now = plus(now, 3 * MINUTE_MS);
    await note("sweep");
    expect(logged).toEqual(["run not noted"]);
  });
});
