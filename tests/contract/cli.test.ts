import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ActivationView } from "../../shared/contracts/activation-view.ts";
import type { PolicySimulation } from "../../shared/contracts/policy-simulation.ts";
import { anActivationView } from "../support/activation-view.ts";
import { AN_EXPORT, fileOf } from "../support/audit-file.ts";
import { aProblem, startFakeApi, type FakeApi } from "../support/fake-api.ts";
import { emptyFolder, MAIN, runZs, spawnZs, type ZsResult } from "../support/run-zs.ts";

const ID = anActivationView().id;
const REQUEST = [
  ...["request", "Exchange Administrator", "--ticket", "servicenow:CHG0030192", "--for", "1h30m"],
  ...["--because", "Move the mailboxes"],
];
const STEP_UP = "https://zs.example/l/step-up";

let api: FakeApi;

beforeAll(async () => {
  api = await startFakeApi();
});
afterAll(() => api.stop());
beforeEach(() => {
  api.calls.length = 0;
  api.answers = {};
});

const env = () => ({ ZS_API_URL: api.url, ZS_ACCESS_TOKEN: "the-token" });
const zs = (...words: string[]): Promise<ZsResult> => spawnZs(words, { env: env() });
const ok = (body: unknown) => ({ status: 200, body });
const view = (changes: Partial<ActivationView> = {}) => ok(anActivationView(changes));

describe("zs list", () => {
  it("shows what waits for me and what is mine", async () => {
    api.answers = {
      "GET /api/activations": [
        ok({ own: [anActivationView({ status: "Active" })], waitingForMe: [anActivationView()] }),
      ],
    };
    const { exitCode, stdout, stderr } = await zs("list");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /Waiting for you:\nSTATUS .*\nAwaitingApproval +Exchange Administrator +Ada Byron .*\n\nYour own:/,
    );
    expect(api.calls[0]?.headers.authorization).toBe("Bearer the-token");
  });

  it("answers the service's own JSON with --json, without colours or words", async () => {
    const body = { own: [], waitingForMe: [anActivationView()] };
    api.answers = { "GET /api/activations": [ok(body)] };
    expect(JSON.parse((await zs("--json", "list")).stdout)).toEqual(body);
  });

  it("says so when there is nothing", async () => {
    api.answers = { "GET /api/activations": [ok({ own: [], waitingForMe: [] })] };
    expect((await zs("list")).stdout).toMatch(/Nothing waits for you\..*You have asked for nothing/s);
  });
});

describe("zs request", () => {
  it("sends what was typed and says what happens next, with the step-up link", async () => {
    api.answers = {
      "POST /api/activations": [{ status: 202, body: anActivationView({ status: "Requested" }) }],
      [`GET /api/activations/${ID}`]: [
        view({ status: "AwaitingStepUp", links: { page: "https://zs.example/a", stepUp: STEP_UP } }),
      ],
    };
    const { exitCode, stdout } = await zs(...REQUEST, "--scope", "/", "--key", "second-use");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Next: prove that it is you who asks until .*:\n {2}https:\/\/zs\.example\/l\/step-up\n$/);
    expect(api.calls[0]).toMatchObject({
      headers: { "idempotency-key": "second-use", "content-type": "application/json" },
      body: {
        role: "Exchange Administrator",
        duration: "PT1H30M",
        justification: "Move the mailboxes",
        ticket: { system: "servicenow", number: "CHG0030192" },
        scope: "/",
      },
    });
  });

  it("answers 1 when policy or ticket refuse it", async () => {
    const closing = { reason: "TicketNotOpen", sentence: "The ticket is not open.", detail: null, by: null } as const;
    api.answers = { "POST /api/activations": [view({ status: "Refused", closing })] };
    const { exitCode, stdout } = await zs(...REQUEST);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("Refused: The ticket is not open.") as string,
    });
  });

  it("waits until the role is held, tells each step, and outlives a short outage", async () => {
    api.answers = {
      "POST /api/activations": [
        view({ status: "AwaitingStepUp", links: { page: "https://zs.example/a", stepUp: STEP_UP } }),
      ],
      [`GET /api/activations/${ID}`]: [view(), aProblem(503, "Unavailable", "Try again."), view({ status: "Active" })],
    };
    const { exitCode, stdout, stderr } = await zs(...REQUEST, "--wait");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("You hold Exchange Administrator") as string,
    });
    expect(stderr).toContain(STEP_UP);
    expect(stderr).toContain("waits for Cora Lindt or Dev Patel");
  });

  it("answers 1 when the wait ends without the role", async () => {
    const closing = {
      reason: "RejectedByApprover",
      sentence: "An approver denied the request.",
      detail: "No",
      by: null,
    } as const;
    api.answers = {
      "POST /api/activations": [view()],
      [`GET /api/activations/${ID}`]: [view({ status: "Denied", closing })],
    };
    const { exitCode, stdout } = await zs(...REQUEST, "--wait", "--json");
    expect({ exitCode, answer: JSON.parse(stdout) as unknown }).toMatchObject({
      exitCode: 1,
      answer: { status: "Denied" },
    });
  });
});

describe("zs queue", () => {
  it("names the queues that the bus does not have, beside the messages of the others", async () => {
    const message = {
      ...{
        id: "ticket-events.4",
        queue: "ticket-events",
        messageId: "ticket-1",
        enqueuedAt: "2026-11-24T09:00:00.000Z",
      },
      ...{ deliveries: 10, reason: "MaxDeliveryCountExceeded", description: null, bytes: 2 },
    };
    api.answers = {
      "GET /api/queues/dead-letters": [ok({ messages: [message], next: null, missing: ["requests-moon"] })],
    };
    const { exitCode, stdout } = await zs("queue", "dead-letters", "list");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /\nticket-events\.4 .*\n\nThe bus does not have, and so nothing is shown of: requests-moon\n$/,
    );
  });
});

describe("zs show, end and freeze", () => {
  it("shows all details", async () => {
    api.answers = { [`GET /api/activations/${ID}`]: [view()] };
    expect((await zs("show", ID)).stdout).toMatch(
      /ticket +servicenow CHG0030192\n.*waits for +Security: Cora Lindt, Dev Patel, since/s,
    );
  });

  it("asks to end an activation", async () => {
    api.answers = {
      [`POST /api/activations/${ID}/end`]: [{ status: 202, body: anActivationView({ status: "Active" }) }],
    };
    const { exitCode, stdout } = await zs("end", ID);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Asked to end") as string,
    });
  });

  it("freezes with a reason", async () => {
    api.answers = {
      "POST /api/freeze": [{ status: 202, body: { frozen: true, since: "2026-11-24T09:00:00.000Z", by: "dev.patel" } }],
    };
    const { exitCode, stdout } = await zs("freeze", "--because", "stolen laptop");
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("frozen since") as string,
    });
    expect(api.calls[0]?.body).toEqual({ because: "stolen laptop" });
  });
});

describe("zs policy simulate", () => {
  const simulation: PolicySimulation = {
    hash: { running: "a".repeat(64), simulated: "b".repeat(64) },
    looked: 87,
    undecided: 4,
    changed: [
      {
        id: ID,
        requestedAt: "2026-11-24T09:00:00.000Z",
        role: "Exchange Administrator",
        person: "Ada\u001b[31m Byron",
        ticket: { system: "servicenow", number: "CHG0030192" },
        scope: "/",
        duration: "PT2H",
        changes: [
          { kind: "otherApprovers", text: "other approvers: 1 of Cora Lindt (Owners)" },
          { kind: "otherStart", text: "would be granted at once" },
        ],
      },
    ],
    assumes: "Taken as accepted then: the ticket.",
  };
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = emptyFolder();
    file = join(folder, "roles.yaml");
    writeFileSync(file, "roles: []\n");
    writeFileSync(join(folder, "people.yaml"), "people: {}\n");
    api.answers = { "POST /api/policy/simulate": [ok(simulation)] };
  });

  it("sends both files and shows whose outcome would change, and how many", async () => {
    const { exitCode, stdout, stderr } = await zs("policy", "simulate", file, "--last", "87");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^ASKED +ROLE +FOR +TICKET +WHAT WOULD CHANGE$/),
      expect.stringMatching(/^2026-11-24 +Exchange .* CHG0030192 +other approvers: 1 of Cora Lindt \(Owners\)$/),
      expect.stringMatching(/^ +would be granted at once$/),
      "",
      "1 of 87 would change (aaaaaaaaaaaa to bbbbbbbbbbbb).",
      "4 were closed for what the ticket or the directory said; they count as unchanged.",
      "Taken as accepted then: the ticket.",
      "",
    ]);
    expect(stdout).not.toContain("\u001b");
    expect(api.calls[0]?.body).toEqual({ roles: "roles: []\n", people: "people: {}\n", last: 87 });
  });

  it("looks at a hundred, takes another people.yaml, and answers the service's JSON with --json", async () => {
    const people = join(folder, "other.yaml");
    writeFileSync(people, "people: { ada: {} }\n");
    const { stdout } = await zs("policy", "simulate", file, "--people", people, "--json");
    expect(JSON.parse(stdout)).toEqual(simulation);
    expect(api.calls[0]?.body).toMatchObject({ people: "people: { ada: {} }\n", last: 100 });
  });

  it("names every mistake of the files, in one line", async () => {
    const errors = [
      { path: "roles.yaml:3:5 roles[0].maximum", message: "is missing" },
      { path: "people.yaml:1:1", message: "is no valid YAML" },
    ];
    api.answers = {
      "POST /api/policy/simulate": [aProblem(400, "InvalidRequest", "The request is not valid.", { errors })],
    };
    const { exitCode, stdout, stderr } = await zs("policy", "simulate", file);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/roles\.yaml:3:5 roles\[0\]\.maximum is missing; people\.yaml:1:1 is no valid YAML.*\n$/);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it.each<readonly [string, () => readonly string[], RegExp]>([
    ["no file", () => [], /FILE is missing/],
    ["a file that is not there", () => [join(folder, "nothing.yaml")], /nothing\.yaml cannot be read/],
    ["no people.yaml beside it", () => [elsewhere(file)], /people\.yaml cannot be read/],
    ["an empty file", () => [written("")], /is empty/],
    ["a file that is no text", () => [written(Buffer.from([0xff, 0xfe, 0x00]))], /is no text in UTF-8/],
    ["a file too large", () => [written("#".repeat(524_289))], /more than 524288 characters/],
    ["none to look at", () => [file, "--last", "0"], /--last must be a whole number from 1 to 1000/],
    ["too many to look at", () => [file, "--last", "1001"], /--last must be a whole number from 1 to 1000/],
    ["half a one to look at", () => [file, "--last", "1.5"], /--last must be a whole number from 1 to 1000/],
  ])("answers 2 with one line and sends nothing for %s", async (_what, words, line) => {
    const { exitCode, stderr } = await zs("policy", "simulate", ...words());
    expect({ exitCode, calls: api.calls.length }).toEqual({ exitCode: 2, calls: 0 });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd()).not.toContain("\n");
  });

  function written(content: string | Buffer): string {
    writeFileSync(join(folder, "changed.yaml"), content);
    return join(folder, "changed.yaml");
  }

  function elsewhere(from: string): string {
    const there = join(emptyFolder(), "roles.yaml");
    writeFileSync(there, readFileSync(from));
    return there;
  }
});

describe.each(["add", "renew"])("zs eligibility %s", (action) => {
  const words = [
    "eligibility",
    action,
    "Security Reader",
    "--for",
    "hugo.brandt",
    "--because",
    "on-call rota",
    "--days",
  ];

  it.each(["0", "366", "1.5", "-1", "many"])("answers 2 with one line and sends nothing for %s days", async (days) => {
    const { exitCode, stderr } = await runZs([...words, days], { env: env() });
    expect({ exitCode, calls: api.calls.length }).toEqual({ exitCode: 2, calls: 0 });
    expect(stderr).toBe("zs: --days must be a whole number from 1 to 365\n");
  });
});

describe.each(["approve", "deny"])("zs %s", (word) => {
  const decide = "https://zs.example/l/decide";

  it("opens the decision page and decides nothing itself", async () => {
    api.answers = { [`GET /api/activations/${ID}`]: [view({ links: { page: "https://zs.example/a", decide } })] };
    const { exitCode, stdout, opened } = await runZs([word, ID], { env: env() });
    expect({ exitCode, opened }).toEqual({ exitCode: 0, opened: [decide] });
    expect(stdout).toContain(`To ${word} it: ${decide}`);
    expect(api.calls.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("only prints the link with --no-browser", async () => {
    api.answers = { [`GET /api/activations/${ID}`]: [view({ links: { page: "https://zs.example/a", decide } })] };
    const { stdout, opened } = await runZs([word, ID, "--no-browser", "--json"], { env: env() });
    expect({ answer: JSON.parse(stdout) as unknown, opened }).toEqual({ answer: { id: ID, decide }, opened: [] });
  });

  it("denies what is approved and not started, and approves it no more", async () => {
    const ready = view({ status: "Ready", links: { page: "https://zs.example/a", decide } });
    api.answers = { [`GET /api/activations/${ID}`]: [ready] };
    const { exitCode, opened } = await runZs([word, ID], { env: env() });
    expect({ exitCode, opened }).toEqual(
      word === "deny" ? { exitCode: 0, opened: [decide] } : { exitCode: 1, opened: [] },
    );
  });

  it("answers 1 when the caller has nothing to decide", async () => {
    api.answers = { [`GET /api/activations/${ID}`]: [view({ status: "Active" })] };
    const { exitCode, stderr, opened } = await runZs([word, ID], { env: env() });
    expect({ exitCode, opened }).toEqual({ exitCode: 1, opened: [] });
    expect(stderr).toBe("zs: there is nothing to decide now: the request is Active\n");
  });

  it.each(["javascript:alert(1)", "file:///etc/passwd", "http://zs.example/l/1"])(
    "opens no link such as %s",
    async (link) => {
      api.answers = {
        [`GET /api/activations/${ID}`]: [view({ links: { page: "https://zs.example/a", decide: link } })],
      };
      const { exitCode, opened } = await runZs([word, ID], { env: env() });
      expect({ exitCode, opened }).toEqual({ exitCode: 4, opened: [] });
    },
  );
});

describe("an answer that is none", () => {
  it.each([
    [
      1,
      aProblem(403, "NotEligible", "The account is not eligible.", { detail: "Exchange Administrator" }),
      "The account is not eligible. (Exchange Administrator)",
    ],
    [1, aProblem(503, "Frozen", "All grants are frozen."), "All grants are frozen."],
    [
      1,
      aProblem(429, "TooManyOpenRequests", "This person has too many open requests."),
      "This person has too many open requests.",
    ],
    [
      2,
      aProblem(400, "InvalidRequest", "The request is not valid.", {
        detail: "See errors.",
        errors: [{ path: "scope", message: "must be /" }],
      }),
      "The request is not valid. (scope must be /)",
    ],
    [
      3,
      aProblem(401, "Unauthenticated", "The call could not be authenticated."),
      "the service does not accept the sign-in: ZS_ACCESS_TOKEN has expired, or is for another service",
    ],
    [
      4,
      aProblem(503, "Unavailable", "A system that is needed does not answer."),
      "A system that is needed does not answer.",
    ],
    [
      4,
      aProblem(503, "TicketSystemUnavailable", "The ticket system did not answer in time."),
      "The ticket system did not answer in time.",
    ],
    [4, { status: 502, body: "<html>" }, "the service answered 502 without a reason"],
    [4, { status: 404, body: "<html>" }, "the service answered 404 without a reason: is ZS_API_URL its address?"],
    [4, { status: 200, body: { id: ID } }, "the service gave an answer that zs does not understand"],
  ] as const)("ends with exit code %s and one line", async (exitCode, answer, line) => {
    api.answers = { "POST /api/activations": [answer] };
    const result = await runZs(REQUEST, { env: env() });
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toMatch(/^zs: [^\n]*\n$/);
    expect(result.stderr).toContain(line);
  });

  it("ends with exit code 4 when nobody answers", async () => {
    const result = await spawnZs(["list"], { env: { ZS_API_URL: await unusedAddress(), ZS_ACCESS_TOKEN: "t" } });
    expect(result).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/^zs: the service at .* does not answer\n$/) as string,
    });
  });

  it.runIf(existsSync("/dev/full"))("ends with exit code 5 and one line when its answer finds no room", () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "--help"], {
      stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 5, stderr: "zs: the answer cannot be written (ENOSPC)\n" });
  });

  it("follows no redirect with the token", async () => {
    api.answers = {
      "GET /api/activations": [(response) => response.writeHead(307, { location: "/elsewhere" }).end()],
    };
    expect((await zs("list")).exitCode).toBe(4);
    expect(api.calls.map(({ url }) => url)).toEqual(["/api/activations"]);
  });

  it("ends with exit code 3 for a token that no header can carry, without a call", async () => {
    const result = await runZs(["list"], { env: { ...env(), ZS_ACCESS_TOKEN: "one\ntwo" } });
    expect(result).toMatchObject({ exitCode: 3, stderr: "zs: ZS_ACCESS_TOKEN is not a token\n" });
    expect(api.calls).toEqual([]);
  });

  it("ends with exit code 3 when nobody is signed in", async () => {
    const ids = { ZS_TENANT_ID: ID_OF(1), ZS_CLIENT_ID: ID_OF(2), ZS_API_CLIENT_ID: ID_OF(3) };
    const result = await spawnZs(["list"], { env: { ZS_API_URL: api.url, ...ids } });
    expect(result).toMatchObject({ exitCode: 3, stderr: "zs: nobody is signed in: sign in with zs login\n" });
    expect(api.calls).toEqual([]);
  });
});

describe("zs audit export", () => {
  const file = fileOf(AN_EXPORT);
  const inPieces = {
    "GET /api/audit": [
      (response) => {
        response.writeHead(200, { "content-type": "application/x-ndjson" });
        response.write(file.subarray(0, 700));
        response.end(file.subarray(700));
      },
    ],
  } satisfies FakeApi["answers"];

  it("writes the trail byte for byte to standard output, ready to be verified", async () => {
    api.answers = inPieces;
    const { exitCode, stdout } = await zs("audit", "export");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: file.toString() });
    expect((await runZs(["audit", "verify", "-"], { input: stdout })).exitCode).toBe(0);
  });

  it("asks for a time range", async () => {
    api.answers = inPieces;
    await zs("audit", "export", "--from", "2026-11-01", "--to", "2026-11-24T10:00:00+01:00");
    expect(api.calls[0]?.url).toBe("/api/audit?from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-24T09%3A00%3A00.000Z");
  });

  it("writes a file that only its owner can read, and counts the lines", async () => {
    api.answers = inPieces;
    const directory = emptyFolder();
    const { stdout } = await spawnZs(["audit", "export", "--out", "audit.jsonl", "--json"], { env: env(), directory });
    expect(JSON.parse(stdout)).toEqual({ file: "audit.jsonl", lines: AN_EXPORT.length, bytes: file.length });
    expect(readFileSync(join(directory, "audit.jsonl"))).toEqual(file);
    expect(statSync(join(directory, "audit.jsonl")).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["audit.jsonl"]);
  });

  it.each([
    [
      "broken off",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-type": "application/x-ndjson" });
        response.write(file.subarray(0, 700), () => response.destroy());
      },
    ],
    [
      "cut in the middle of a record",
      (response: ServerResponse) => {
        response.writeHead(200).end(file.subarray(0, 700));
      },
    ],
  ])("leaves the file as it was when the export is %s", async (_how, answer) => {
    api.answers = { "GET /api/audit": [answer] };
    const directory = emptyFolder();
    writeFileSync(join(directory, "audit.jsonl"), "yesterday's\n");
    const { exitCode } = await spawnZs(["audit", "export", "--out", "audit.jsonl"], { env: env(), directory });
    expect(exitCode).toBe(4);
    expect(readFileSync(join(directory, "audit.jsonl"), "utf8")).toBe("yesterday's\n");
    expect(existsSync(join(directory, "audit.jsonl.part"))).toBe(false);
  });

  it("leaves nothing half done when it is interrupted", async () => {
    api.answers = {
      "GET /api/audit": [
        (response) => {
          response.writeHead(200, { "content-type": "application/x-ndjson" });
          response.write(file.subarray(0, 700)); // and no more
        },
      ],
    };
    const directory = emptyFolder();
    const seen = watch(directory);
    const child = spawn(process.execPath, [MAIN, "audit", "export", "--out", "audit.jsonl"], {
      cwd: directory,
      env: { ...env(), HOME: directory },
      stdio: "ignore",
    });
    const ended = once(child, "close");
    for await (const { filename } of seen) if (filename === "audit.jsonl.part") break;
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("answers 1 to people outside the identity team", async () => {
    api.answers = { "GET /api/audit": [aProblem(403, "Forbidden", "You may not do this.")] };
    expect(await zs("audit", "export")).toEqual({ exitCode: 1, stdout: "", stderr: "zs: You may not do this.\n" });
  });
});

const ID_OF = (n: number): string => `10000000-0000-4000-8000-00000000000${n}`;

async function unusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
