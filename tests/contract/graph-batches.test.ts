import { describe, expect, it } from "vitest";
import * as z from "zod";
import { adminId, dailyId, PEOPLE } from "../../local/seed.ts";
import { createGraph } from "../../shared/adapters/graph/graph-client.ts";
import { createRoleDirectory } from "../../shared/adapters/graph/role-directory.ts";
import { createEligibilityDirectory, createPostureDirectory } from "../../shared/adapters/graph/posture-directory.ts";
import type { DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import { anItem, ChangeWorld, WAVE_1 } from "../support/change-world.ts";
import { EVA } from "../support/memory-world.ts";
import { workItems } from "../../functions/changes/work-items.ts";
import { answering, type Answer } from "../support/answering-server.ts";
import { role, tenantOfItsOwn } from "../support/graph-requests.ts";

const graphAt = (url: string) =>
  createGraph(url, {
    getToken: () => Promise.resolve({ token: "worker", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
  });
const user = (n: number): PrincipalId => `a0000000-0000-4000-8000-${String(n).padStart(12, "0")}` as PrincipalId;
const rows = z.object({ id: z.string() });

describe("many lists in one request, over Graph", () => {
  const tenant = tenantOfItsOwn();
  interface Seen {
    readonly path: string;
    readonly requestBody: string;
  }
  /** How many parts each request on the wire had; the directory also keeps each part as if it had come alone. */
  const asked = (): { readonly parts: readonly number[]; readonly alone: number } => {
    const all = tenant().control("exchanges") as readonly Seen[];
    const parts = all
      .filter(({ path }) => path.endsWith("/$batch"))
      .map(({ requestBody }) => (JSON.parse(requestBody) as { requests: unknown[] }).requests.length);
    return { parts, alone: all.length - parts.length - parts.reduce((sum, one) => sum + one, 0) };
  };

  it("reads six hundred users with two", async () => {
    const known = PEOPLE.map(({ n }) => dailyId(n) as PrincipalId).slice(0, 12);
    const ids = [...known, ...Array.from({ length: 588 }, (_, n) => user(n + 5_000))];
    const found = await createPostureDirectory(graphAt(tenant().url)).users(ids);
    expect(found.map(({ id }) => id).toSorted()).toEqual(known.toSorted());
    expect(asked()).toEqual({ parts: [20, 20], alone: 0 });
    expect(tenant().contractProblems()).toEqual([]);
  });

  it("reads forty managers with two, and leaves out who has none or is nobody", async () => {
    const of = Array.from({ length: 40 }, (_, n) => dailyId(n + 1) as PrincipalId).with(10, user(7_000));
    const found = await createPostureDirectory(graphAt(tenant().url)).managers([...of, dailyId(1) as PrincipalId]);
    const wanted = PEOPLE.filter(({ n, manager }) => n !== 11 && manager !== undefined);
    expect([...found].toSorted()).toEqual(
      wanted.map(({ n, manager = 0 }) => [dailyId(n), dailyId(manager)]).toSorted(),
    );
    expect(asked()).toEqual({ parts: [20, 20], alone: 0 });
    expect(tenant().contractProblems()).toEqual([]);
  });

  it("looks at what is held and what may be with one", async () => {
    const triple = {
      principalId: adminId(1) as PrincipalId,
      roleDefinitionId: role("globalAdministrator") as RoleDefinitionId,
      directoryScopeId: "/" as DirectoryScopeId,
    };
    const looks = await createEligibilityDirectory(graphAt(tenant().url)).looks([triple]);
    expect(looks).toMatchObject([{ active: [], eligible: [{ ...triple, memberType: "Direct" }] }]);
    expect(asked()).toEqual({ parts: [2], alone: 0 });
  });

  it("looks at twenty with two, each answered in its place", async () => {
    const of = (n: number) => ({
      principalId: (n === 13 ? adminId(1) : user(n + 6_000)) as PrincipalId,
      roleDefinitionId: role("globalAdministrator") as RoleDefinitionId,
      directoryScopeId: "/" as DirectoryScopeId,
    });
    const looks = await createEligibilityDirectory(graphAt(tenant().url)).looks(
      Array.from({ length: 20 }, (_, n) => of(n)),
    );
    expect(looks.map(({ eligible }) => eligible.length)).toEqual(
      Array.from({ length: 20 }, (_, n) => (n === 13 ? 1 : 0)),
    );
    expect(asked()).toEqual({ parts: [20, 20], alone: 0 });
  });

  it("takes an eligibility away with three: a look, the removal, the look that proves it", async () => {
    const graph = graphAt(tenant().url);
    const world = new ChangeWorld();
    const worker = {
      ...world.changeWorker,
      directory: createRoleDirectory(graph),
      posture: createPostureDirectory(graph),
      eligibility: createEligibilityDirectory(graph),
    };
    const item = anItem(EVA, {
      action: "revoke",
      principalId: adminId(8) as PrincipalId,
      roleDefinitionId: role("exchangeAdministrator") as RoleDefinitionId,
    });
    const changeId = await world.askFor(EVA, WAVE_1, [item]);
    const progress = { changeId, n: 1, item, finished: false, madeEligible: false, makes: 0, takes: 0 };
    expect(await workItems(worker, [progress])).toEqual([{ kind: "finished" }]);
    expect(asked()).toEqual({ parts: [2, 2], alone: 1 });
    expect(await worker.eligibility.looks([item])).toMatchObject([{ eligible: [] }]);
  });

  /** Answers a batch with what is given for each part, and any path alone with a row of its name. */
  const serving = (parts: (self: string) => readonly object[], whole?: Answer) =>
    answering(({ path }, self): Answer =>
      path === "/v1.0/$batch"
        ? (whole ?? { json: { responses: parts(self) } })
        : { json: { value: [{ id: `alone ${path}` }] } },
    );
  const together = { id: "1", status: 200, body: { value: [{ id: "together" }] } };

  it.each<[string, (self: string) => object]>([
    ["is throttled", () => ({ id: "0", status: 429, headers: { "Retry-After": "1" }, body: { error: {} } })],
    ["is missing", () => ({ id: "9", status: 200, body: { value: [] } })],
    ["makes no sense", () => ({ id: "0", status: 200, body: { value: [{}] } })],
    [
      "has more pages",
      (self) => ({ id: "0", status: 200, body: { value: [], "@odata.nextLink": `${self}/v1.0/first?$skiptoken=2` } }),
    ],
  ])("reads a part on its own that %s", async (_what, part) => {
    const server = await serving((self) => [together, part(self)]);
    expect(await graphAt(server.url).lists(["/first", "/second"], rows)).toEqual([
      [{ id: "alone /v1.0/first" }],
      [{ id: "together" }],
    ]);
    expect(server.arrived.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1.0/$batch",
      "GET /v1.0/first",
    ]);
  });

  it.each<[string, Answer]>([
    ["is refused", { status: 429, headers: { "retry-after": "1" }, json: { error: { code: "TooManyRequests" } } }],
    ["breaks off", "hangUp"],
    ["answers nonsense", { json: { responses: "none" } }],
  ])("reads every part on its own where the whole %s", async (_what, whole) => {
    const server = await serving(() => [], whole);
    expect(await graphAt(server.url).lists(["/first", "/second"], rows)).toEqual([
      [{ id: "alone /v1.0/first" }],
      [{ id: "alone /v1.0/second" }],
    ]);
  });

  it("takes nobody for an answer only where the part says 404, and asks again alone where it failed", async () => {
    const part = (id: number, status: number) => ({ id: String(id), status, body: { error: {} } });
    const server = await serving(() => [part(0, 404), part(1, 503), { id: "2", status: 200, body: { id: "third" } }]);
    const single = z.object({ value: z.array(rows) }).or(rows);
    expect(await graphAt(server.url).finds(["/first", "/second", "/third", "/fourth"], single)).toEqual([
      undefined,
      { value: [{ id: "alone /v1.0/second" }] },
      { id: "third" },
      { value: [{ id: "alone /v1.0/fourth" }] },
    ]);
  });

  it("does not wrap up one alone", async () => {
    const server = await serving(() => []);
    expect(await graphAt(server.url).lists(["/first"], rows)).toEqual([[{ id: "alone /v1.0/first" }]]);
    expect(server.arrived.map(({ method }) => method)).toEqual(["GET"]);
  });
});
