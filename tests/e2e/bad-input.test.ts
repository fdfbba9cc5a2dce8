import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNTS, adminId, APPS } from "../../local/seed.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { plainText } from "../../local/testing/app-visitor.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, storedRows } from "../support/stored-rows.ts";

const GOOD_BODY = {
  role: "Global Administrator",
  duration: "PT1H",
  justification: "Rotate the signing certificate",
  ticket: { system: "servicenow", number: "CHG0030192" },
};
const { ticket: GOOD_TICKET } = GOOD_BODY;
const without = (field: keyof typeof GOOD_BODY): object =>
  Object.fromEntries(Object.entries(GOOD_BODY).filter(([name]) => name !== field));

interface Problem {
  readonly type: string;
  readonly code: string;
  readonly status: number;
}

describe("bad input over HTTP", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const sent: string[] = [];

  const mint = async (wish: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const token = (await stack().call("login", "mint", { oid: adminId(1), ...wish })) as string;
    sent.push(token);
    return token;
  };
  const ask = (token: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${stack().addresses.app}/api/activations`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  const claims = async (): Promise<number> => (await storedRows(stack(), "claims")).length;

  async function expectProblem(response: Response, status: number, code: string): Promise<void> {
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ type: `urn:zero-standing:problem:${code}`, code, status });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await claims()).toBe(0);
  }

  describe("tokens", () => {
    it.each<[string, Readonly<Record<string, unknown>>]>([
      ["that is over", { lifetimeSeconds: -600 }],
      ["of another tenant", { overrides: { tid: "20000000-0000-4000-8000-000000000002" } }],
      ["of another issuer", { overrides: { iss: "https://login.example/v2.0" } }],
      ["for another API", { audience: APPS.cli.clientId }],
      ["signed with another key", { key: "other" }],
      ["of a client that is not listed", { clientId: APPS.stranger.clientId }],
      ["of an application alone", { oid: APPS.daemon.objectId, clientId: APPS.daemon.clientId }],
      ["without the scope", { scopes: ["something_else"] }],
      ["without an object id", { overrides: { oid: null } }],
    ])("a token %s is nobody's", async (_name, wish) => {
      await expectProblem(await ask(await mint(wish), GOOD_BODY), 401, "Unauthenticated");
    });

    it.each<[string, (token: string) => string]>([
      ["unsigned", (token) => `${encoded({ typ: "JWT", alg: "none" })}.${token.split(".")[1] ?? ""}.`],
      [
        "with another algorithm",
        (token) => [encoded({ typ: "JWT", alg: "HS256" }), ...token.split(".").slice(1)].join("."),
      ],
      ["cut", (token) => token.slice(0, -7)],
      ["with one letter of its header changed", (token) => changedAt(token, 12)],
      ["with one letter of its claims changed", (token) => changedAt(token, token.indexOf(".") + 40)],
      ["with one letter of its signature changed", (token) => changedAt(token, token.lastIndexOf(".") + 10)],
      ["twice", (token) => `${token} ${token}`],
      ["of nothing", () => ""],
    ])("a token %s is nobody's", async (_name, spoil) => {
      await expectProblem(await ask(spoil(await mint()), GOOD_BODY), 401, "Unauthenticated");
    });

    it.each<[string, string, string]>([
      ["an account of no person", ACCOUNTS.orphan, "PersonUnknown"],
      ["a guest", ACCOUNTS.guest, "PersonUnknown"],
    ])("%s is refused with its reason", async (_name, oid, code) => {
      await expectProblem(await ask(await mint({ oid }), GOOD_BODY), 403, code);
    });
  });

  describe("bodies", () => {
    it.each<[string, unknown]>([
      ["no role", without("role")],
      ["no duration", without("duration")],
      ["no justification", without("justification")],
      ["no ticket", without("ticket")],
      ["an empty role", { ...GOOD_BODY, role: "" }],
      ["a long role", { ...GOOD_BODY, role: "R".repeat(101) }],
      ["a number for a role", { ...GOOD_BODY, role: 7 }],
      ["an empty justification", { ...GOOD_BODY, justification: "" }],
      ["a long justification", { ...GOOD_BODY, justification: "x".repeat(501) }],
      ["control characters", { ...GOOD_BODY, justification: "Rotate\u0000 the certificate" }],
      ["an unknown field", { ...GOOD_BODY, principalId: adminId(4) }],
      ["the person in the body", { ...GOOD_BODY, person: "dev.patel" }],
      ["no time at all", { ...GOOD_BODY, duration: "PT0S" }],
      ["negative time", { ...GOOD_BODY, duration: "-PT1H" }],
      ["no text for a duration", { ...GOOD_BODY, duration: "" }],
      ["a long duration", { ...GOOD_BODY, duration: `PT${"0".repeat(30)}1H` }],
      ["a wrong justification", { ...GOOD_BODY, justification: ["Rotate the certificate"] }],
      ["a ticket without a number", { ...GOOD_BODY, ticket: { system: "servicenow" } }],
      ["a ticket without a system", { ...GOOD_BODY, ticket: { number: GOOD_TICKET.number } }],
      ["a ticket with an address", { ...GOOD_BODY, ticket: { ...GOOD_TICKET, url: "http://169.254.169.254/" } }],
      ["an empty ticket number", { ...GOOD_BODY, ticket: { ...GOOD_TICKET, number: "" } }],
      ["a long ticket number", { ...GOOD_BODY, ticket: { ...GOOD_TICKET, number: `CHG${"0".repeat(60)}1` } }],
      ["an empty scope", { ...GOOD_BODY, scope: "" }],
      ["an account that is no id", { ...GOOD_BODY, account: "ada.byron" }],
      ["months", { ...GOOD_BODY, duration: "P1M" }],
      ["a number of seconds", { ...GOOD_BODY, duration: 3600 }],
      ["an unknown ticket system", { ...GOOD_BODY, ticket: { ...GOOD_TICKET, system: "remedy" } }],
      [
        "a ticket number with a query",
        { ...GOOD_BODY, ticket: { ...GOOD_TICKET, number: "CHG0030192^ORactive=true" } },
      ],
      ["a ticket number with a path", { ...GOOD_BODY, ticket: { ...GOOD_TICKET, number: "../CHG0030192" } }],
      ["a ticket number with JQL", { ...GOOD_BODY, ticket: { system: "jira", number: 'OPS-142" OR key="OPS-1' } }],
      ["a scope with a filter", { ...GOOD_BODY, scope: "/' or 1 eq 1" }],
      ["a list", [GOOD_BODY]],
      ["nothing", ""],
      ["half a body", JSON.stringify(GOOD_BODY).slice(0, -4)],
      ["invalid UTF-8", Buffer.concat([Buffer.from('{"role":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')])],
      ["deep nesting", `${'{"a":'.repeat(60)}1${"}".repeat(60)}`],
    ])("%s: 400", async (_name, body) => {
      await expectProblem(await ask(await mint(), body), 400, "InvalidRequest");
    });

    it.each<[string, number, string, object]>([
      ["an unknown role", 403, "RoleNotAllowed", { role: "Emperor" }],
      ["a role that is not brokered", 403, "RoleNotAllowed", { role: "Intune Administrator" }],
      ["too short a time", 422, "DurationTooShort", { duration: "PT4M" }],
      ["more than the role's maximum", 422, "DurationTooLong", { duration: "PT2H1M" }],
      ["days", 422, "DurationTooLong", { duration: "P365D" }],
      ["somebody else's account", 403, "NotEligible", { account: adminId(4) }],
      ["a role of somebody else", 403, "NotEligible", { role: "Security Administrator" }],
      ["a scope of nobody", 403, "NotEligible", { scope: "/administrativeUnits/40000000-0000-4000-8000-0000000000ff" }],
      [
        "a ticket number of another form",
        422,
        "TicketNumberInvalid",
        { ticket: { ...GOOD_TICKET, number: "REQ0030192" } },
      ],
    ])("%s: %i %s", async (_name, status, code, change) => {
      await expectProblem(await ask(await mint(), { ...GOOD_BODY, ...change }), status, code);
    });

    it("a body that is too long, or no JSON, is refused before it is read", async () => {
      const long = { ...GOOD_BODY, justification: "x".repeat(70_000) };
      await expectProblem(await ask(await mint(), long), 413, "PayloadTooLarge");
      const text = { "content-type": "text/plain" };
      await expectProblem(await ask(await mint(), GOOD_BODY, text), 415, "UnsupportedMediaType");
      await expectProblem(await ask(await mint(), GOOD_BODY, { "idempotency-key": "a b" }), 400, "InvalidRequest");
    });
  });

  describe("webhooks", () => {
    const delivery = (eventId = "0123456789abcdef0123456789abcdef"): string =>
      JSON.stringify({
        eventId,
        occurredAt: new Date(stack().clock.now()).toISOString(),
        table: "change_request",
        sys_id: "0".repeat(32),
        number: "CHG0099999",
      });
    const send = async (wish: Readonly<Record<string, unknown>>): Promise<number> =>
      ((await stack().call("servicenow", "sendRaw", { body: delivery(), ...wish })) as { readonly status: number })
        .status;

    it.each<[string, Readonly<Record<string, unknown>>]>([
      ["no signature", {}],
      ["no headers at all", { headers: { "content-type": "application/json" } }],
      ["an empty signature", { sign: true, headers: { "x-jit-signature": "" } }],
      ["a signature of another form", { sign: true, headers: { "x-jit-signature": "A".repeat(44) } }],
      ["a wrong signature", { sign: true, headers: { "x-jit-signature": `v1=${"A".repeat(43)}=` } }],
      ["another body", { sign: true, body: "{}" }],
      ["no moment", { sign: true, headers: { "x-jit-timestamp": "" } }],
      ["a moment that is none", { sign: true, timestamp: "yesterday" }],
      ["a moment six minutes ago", { sign: true, timestamp: "stale" }],
      ["a moment six minutes ahead", { sign: true, timestamp: "early" }],
      [
        "fields we do not know",
        { sign: true, body: JSON.stringify({ eventId: "0".repeat(32), number: "CHG0030192" }) },
      ],
      ["a query for a number", { sign: true, body: "query" }],
    ])("with %s: 401, nothing is begun", async (_name, wish) => {
      const minutesOff = wish["timestamp"] === "stale" ? -6 : wish["timestamp"] === "early" ? 6 : undefined;
      const timestamp = String(Math.floor(stack().clock.now() / 1_000) + (minutesOff ?? 0) * 60);
      const query = delivery().replace("CHG0099999", "CHG0099999^ORnumberISNOTEMPTY");
      const filled = {
        ...wish,
        ...(minutesOff === undefined ? {} : { timestamp }),
        ...(wish["body"] === "query" ? { body: query } : {}),
      };
      expect(await send(filled)).toBe(401);
      await stack().settle();
      expect(await claims()).toBe(0);
    });

    it("of 20 MB: 413", async () => {
      const response = await fetch(`${stack().addresses.app}/api/webhooks/servicenow`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.alloc(20 * 1_024 * 1_024, 0x20),
      });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ code: "PayloadTooLarge", status: 413 });
    });

    it("of 20 MB that does not say so: 401, for the platform hands on no body without its length", async () => {
      const megabyte = Buffer.alloc(1_024 * 1_024, 0x20);
      const body = ReadableStream.from(Array.from({ length: 20 }, () => megabyte));
      const url = `${stack().addresses.app}/api/webhooks/jira`;
      const response = await fetch(url, { method: "POST", body, duplex: "half" });
      expect(response.status).toBe(401);
    });

    /** What only the holder of the secret can send: these very bytes, signed. */
    const signed = async (bytes: Buffer, of: Buffer = bytes): Promise<number> => {
      const secret = secrets(stack())["jiraWebhookSecret"] ?? "";
      const response = await fetch(`${stack().addresses.app}/api/webhooks/jira`, {
        method: "POST",
        body: bytes,
        headers: {
          "content-type": "application/json",
          "x-hub-signature": `sha256=${createHmac("sha256", secret).update(of).digest("hex")}`,
          "x-atlassian-webhook-identifier": "once",
        },
      });
      return response.status;
    };
    const issue = (key: string): Buffer =>
      Buffer.from(JSON.stringify({ webhookEvent: "jira:issue_updated", issue: { key } }));

    it("with a true signature of other bytes, of invalid UTF-8 or of a query: 401; of itself: 202, once", async () => {
      const good = issue("OPS-9999");
      const invalid = Buffer.concat([good.subarray(0, 20), Buffer.of(0xc3, 0x28), good.subarray(20)]);
      expect(await signed(good, issue("OPS-9998"))).toBe(401);
      expect(await signed(Buffer.concat([good, Buffer.from(" ")]), good)).toBe(401);
      expect(await signed(invalid)).toBe(401);
      expect(await signed(issue('OPS-1" OR project = OPS'))).toBe(401);
      const before = await ticketEvents();
      expect(await Promise.all([signed(good), signed(good), signed(good)])).toEqual([202, 202, 202]);
      expect(await signed(good)).toBe(202);
      await stack().settle();
      expect(await ticketEvents()).toBe(before + 1);
      expect(await claims()).toBe(0);
    });

    const ticketEvents = async (): Promise<number> => {
      const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances?code=${encodeURIComponent(stack().taskHubKey)}`;
      return ((await (await fetch(url)).json()) as readonly unknown[]).length;
    };

    it("about an unknown ticket: 202, and it begins nothing", async () => {
      expect([await send({ sign: true }), await send({ sign: true })]).toEqual([202, 202]);
      await stack().settle();
      expect(await claims()).toBe(0);
    });
  });

  describe("links", () => {
    let link = "";
    const open = async (url: string): Promise<number> => (await fetch(url, { redirect: "manual" })).status;

    it("cut, flipped, made up: 404, and the page tells nothing", async () => {
      const ticket = await app().openChange(ADA_GLOBAL);
      await stack().settle();
      link = await app().linkTo("ada.byron", ticket);
      sent.push(link.split("/").at(-1) ?? "");
      const base = link.slice(0, link.lastIndexOf("/") + 1);
      const token = link.slice(base.length);
      const flipped = Array.from(token, (_, at) => changedAt(token, at));
      for (const bad of [...flipped, token.slice(0, -1), `${token}A`, "A".repeat(55), "%00", "x".repeat(300)])
        expect(await open(base + bad), bad).toBe(404);
      const unknown = await (await fetch(`${base}${"A".repeat(55)}`)).text();
      expect(plainText(unknown)).toContain("This link does not work");
      expect(unknown).not.toMatch(/at .*\.[jt]s|Error:|Global Administrator/);
      expect(await open(link)).toBe(200);
    });

    it("of another person: 403 for whoever is signed in as somebody else", async () => {
      const [ticket] = await tickets();
      await app().confirm(ADA_GLOBAL, ticket ?? "");
      await stack().settle();
      const decide = await app().linkTo("cora.lindt", ticket ?? "");
      for (const person of ["jonas.weil", "hugo.brandt"]) {
        const visitor = app().dailyOf(person);
        const page = await visitor.choose(await visitor.open(decide), "signIn");
        expect(page.status).toBe(403);
        expect(page.text).not.toContain("Ada Byron");
      }
    });

    it("for another activation: a form of one link is worth nothing at the other", async () => {
      const other = await app().openChange({ ...ADA_GLOBAL, person: "hugo.brandt" });
      await stack().settle();
      const hugo = app().adminOf("hugo.brandt");
      const page = await hugo.open(await app().linkTo("hugo.brandt", other));
      const form = page.forms.find(({ fields }) => fields["choice"] === "confirm");
      const own = await app().linkTo("cora.lindt", (await tickets())[0] ?? "");
      for (const url of [own, link]) {
        const body = new URLSearchParams({ ...form?.fields });
        expect((await fetch(url, { method: "POST", body, redirect: "manual" })).status).toBe(403);
      }
      await stack().settle();
      expect(await app().status(other)).toBe("AwaitingStepUp");
    });

    const tickets = async (): Promise<readonly string[]> =>
      (await storedRows(stack(), "claims")).map((row) => (jsonOf(row) as { ticket: { number: string } }).ticket.number);

    it("used and expired: 410", async () => {
      expect(await open(link)).toBe(410);
      await stack().clock.advance(24 * 60 * MINUTE_MS);
      expect(await open(link)).toBe(410);
      expect((await app().activations()).map(({ state }) => state.status)).toEqual(["Expired", "Expired"]);
      expect(await app().grants()).toEqual([]);
    });
  });

  it("leaves no token, link or secret in logs and records", async () => {
    const records = (await storedRows(stack(), "audit")).map((row) => JSON.stringify(jsonOf(row, "record"))).join("\n");
    const texts = [records, ...stack().hostLogs.map((file) => readFileSync(file, "utf8"))];
    expect(records).toContain(adminId(1));
    for (const text of texts) {
      expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\./);
      for (const secret of [...sent, ...Object.values(secrets(stack()))]) expect(text.includes(secret)).toBe(false);
    }
  });

  itKeptItsPromises(app);
});

const secrets = ({ dataDirectory }: Stack): Readonly<Record<string, string>> =>
  (
    JSON.parse(readFileSync(join(dataDirectory, "secrets.json"), "utf8")) as {
      readonly secrets: Readonly<Record<string, string>>;
    }
  ).secrets;

/** The text with one other letter at the place. */
const changedAt = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;

const encoded = (header: object): string => Buffer.from(JSON.stringify(header)).toString("base64url");
