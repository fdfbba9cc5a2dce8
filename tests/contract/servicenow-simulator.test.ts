import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../../local/clock.ts";
import { snowUserId } from "../../local/seed.ts";
import { startLocalTickets, type LocalTickets } from "../support/local-tickets.ts";
import { ServicenowClient, type Json } from "../support/ticket-clients.ts";

const MINUTE_MS = 60_000;
let local: LocalTickets;
let snow: ServicenowClient;

beforeAll(async () => {
  local = await startLocalTickets();
  snow = new ServicenowClient(local.settings);
});
afterEach(() => local.behave());
afterAll(() => local.stop());

describe("the ServiceNow simulator's Table API", () => {
  it("answers one change with raw and display values, and the person through the reference", async () => {
    const { rows, headers } = await snow.table("change_request", {
      sysparm_query: "number=CHG0030192",
      sysparm_fields: "number,state,assigned_to,assigned_to.user_name,assigned_to.active,start_date,u_role,nonsense",
      sysparm_display_value: "all",
      sysparm_exclude_reference_link: "true",
      sysparm_limit: "2",
    });
    expect(headers.get("x-total-count")).toBe("1");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      number: { display_value: "CHG0030192", value: "CHG0030192" },
      state: { display_value: "Implement", value: "-1" },
      assigned_to: { display_value: "Ada Byron", value: snowUserId(1) },
      "assigned_to.user_name": { value: "ada.byron" },
      "assigned_to.active": { value: "true" },
      u_role: { value: "Global Administrator" },
    });
    expect(rows[0]).not.toHaveProperty("nonsense");
    const start = rows[0]?.["start_date"] as { display_value: string; value: string };
    expect(start.value).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(start.display_value).not.toBe(start.value);
  });

  it("answers references as link and value, as the bare value, or as an empty text", async () => {
    const fields = { sysparm_query: "numberININC0010045,INC0010049^ORDERBYnumber", sysparm_fields: "assigned_to" };
    const linked = await snow.table("incident", fields);
    const link = `${local.settings.addresses.servicenow}/api/now/table/sys_user/${snowUserId(2)}`;
    const ben: Json = { link, value: snowUserId(2) };
    expect(linked.rows).toEqual([{ assigned_to: ben }, { assigned_to: "" }]);
    const bare = await snow.table("incident", { ...fields, sysparm_exclude_reference_link: "true" });
    expect(bare.rows[0]).toEqual({ assigned_to: snowUserId(2) });
  });

  it("drops an invalid condition and so answers every row", async () => {
    const all = await snow.table("change_request", {});
    const mistaken = await snow.table("change_request", { sysparm_query: "nummer=CHG0030192" });
    expect(mistaken.rows).toHaveLength(all.rows.length);
    const half = await snow.table("change_request", { sysparm_query: "number=CHG0030192^bogus.field=1" });
    expect(half.rows).toHaveLength(1);
    await local.control("servicenow", "habits", { invalidQueryReturnsNoRows: true });
    expect((await snow.table("change_request", { sysparm_query: "nummer=CHG0030192" })).rows).toEqual([]);
  });

  it("pages with Link and X-Total-Count", async () => {
    const { rows, headers } = await snow.table("incident", { sysparm_limit: "2", sysparm_offset: "2" });
    expect(rows).toHaveLength(2);
    expect(headers.get("x-total-count")).toBe("6");
    expect(headers.get("link")).toMatch(/sysparm_offset=0>;rel="prev".*sysparm_offset=4>;rel="next"/);
  });

  it("knows every table of tickets in both versions of the API, and no other", async () => {
    for (const name of ["incident", "sc_req_item", "sc_task", "change_task", "problem", "sys_user"])
      expect((await snow.table(name, { sysparm_limit: "1" }, "/api/now/v2/table")).rows).toHaveLength(1);
    const unknown = await snow.get("/api/now/table/sys_secret");
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { error: { message: "Invalid table sys_secret", detail: null }, status: "failure" },
    ]);
  });

  it("answers 404 for a record that is missing and for one that an ACL hides", async () => {
    const { rows } = await snow.table("change_request", {
      sysparm_query: "number=CHG0030192",
      sysparm_fields: "sys_id",
    });
    const path = `/api/now/table/change_request/${String(rows[0]?.["sys_id"])}`;
    expect((await snow.get(path)).status).toBe(200);
    await local.control("servicenow", "habits", { hiddenRows: ["CHG0030192"] });
    const hidden = await snow.get(path);
    const missing = await snow.get(`/api/now/table/change_request/${"0".repeat(32)}`);
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(await hidden.text()).toBe(await missing.text());
    expect((await snow.table("change_request", { sysparm_query: "number=CHG0030192" })).rows).toEqual([]);
  });

  it("leaves out a field that an ACL hides", async () => {
    await local.control("servicenow", "habits", { hiddenFields: ["approval"] });
    const { rows } = await snow.table("change_request", { sysparm_query: "number=CHG0030192" });
    expect(rows[0]).toHaveProperty("state");
    expect(rows[0]).not.toHaveProperty("approval");
  });

  it("appends work notes, ignores every other write of our user, and sends no webhook for them", async () => {
    const ticket = (await local.control("servicenow", "createTicket", {
      table: "incident",
      fields: { assigned_to: "ben.okafor", state: "2" },
      webhook: false,
    })) as { fields: Json };
    const path = `/api/now/table/incident/${String(ticket.fields["sys_id"])}`;
    for (const work_notes of ["first", "second <b>"]) await snow.patch(path, { work_notes, state: "7" });
    const { result } = (await (await snow.get(`${path}?sysparm_display_value=all`)).json()) as { result: Json };
    expect(result["state"]).toMatchObject({ value: "2" });
    const notes = result["work_notes"] as { display_value: string; value: string };
    expect(notes.display_value).toMatch(/svc\.zero-standing \(Work notes\)\nsecond <b>\n\n[\s\S]*first\n\n$/);
    expect(notes.value).toBe("");
    const journal = await snow.table("sys_journal_field", {
      sysparm_query: `element_id=${String(ticket.fields["sys_id"])}^element=work_notes`,
      sysparm_fields: "value",
    });
    expect(journal.rows).toEqual([{ value: "first" }, { value: "second <b>" }]);
    expect(local.received).toEqual([]);
  });

  it("refuses callers without a token, with a wrong secret, and with a token older than half an hour", async () => {
    const anonymous = await fetch(`${local.settings.addresses.servicenow}/api/now/table/incident`);
    expect([anonymous.status, await anonymous.json()]).toMatchObject([
      401,
      { error: { message: "User Not Authenticated" }, status: "failure" },
    ]);
    expect((await snow.tokenRequest("wrong")).status).toBe(401);
    const token = await snow.accessToken();
    expect((await snow.get("/api/now/table/incident", token)).status).toBe(200);
    setClock({ mode: "real", offsetMs: 31 * MINUTE_MS });
    expect((await snow.get("/api/now/table/incident", token)).status).toBe(401);
  });

  it("refuses the tokens of before once they are revoked, and takes a new one", async () => {
    const token = await snow.accessToken();
    await local.control("servicenow", "habits", { revokeTokens: true });
    expect((await snow.get("/api/now/table/incident", token)).status).toBe(401);
    expect((await snow.get("/api/now/table/incident", await snow.accessToken())).status).toBe(200);
  });

  it("misbehaves as it is told: HTML with 200, 429 with headers, 503", async () => {
    const token = await snow.accessToken();
    await local.control("servicenow", "habits", { hibernating: true });
    const asleep = await snow.get("/api/now/table/incident", token);
    expect([asleep.status, asleep.headers.get("content-type")]).toEqual([200, "text/html;charset=UTF-8"]);
    await local.control("servicenow", "habits", { hibernating: false, rateLimited: true });
    const limited = await snow.get("/api/now/table/incident", token);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(limited.headers.get("x-ratelimit-reset")) * 1_000).toBeGreaterThan(Date.now());
    await local.control("servicenow", "habits", { rateLimited: false, unavailable: true });
    expect((await snow.get("/api/now/table/incident", token)).status).toBe(503);
  });
});

describe("the ServiceNow simulator's webhook", () => {
  it("tells the app about a change, signed over timestamp and raw body", async () => {
    await local.control("servicenow", "updateTicket", {
      number: "CHG0030192",
      fields: { state: "0" },
      by: "eva.marek",
    });
    const [webhook] = local.received;
    expect(webhook?.path).toBe("/api/webhooks/servicenow");
    expect(JSON.parse(webhook?.body ?? "")).toEqual({
      eventId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      table: "change_request",
      sys_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      number: "CHG0030192",
      state: "0",
      approval: "approved",
      operation: "update",
    });
    const timestamp = String(webhook?.headers["x-jit-timestamp"]);
    expect(Math.abs(Number(timestamp) * 1_000 - Date.now())).toBeLessThan(10_000);
    const mac = createHmac("sha256", "servicenow-webhook-secret").update(`${timestamp}.${webhook?.body ?? ""}`);
    expect(webhook?.headers["x-jit-signature"]).toBe(`v1=${mac.digest("base64")}`);
    expect(await local.control("servicenow", "ticket", { number: "CHG0030192" })).toMatchObject({
      fields: { state: "0", sys_updated_by: "eva.marek", active: "true" },
    });
  });

  it("is sent once only, whatever the app answers, and repeated on order: signed anew or byte by byte", async () => {
    local.answers.push(500);
    await local.control("servicenow", "createTicket", { table: "incident", fields: { short_description: "x" } });
    expect(local.received).toHaveLength(1);
    setClock({ mode: "real", offsetMs: 30 * MINUTE_MS });
    expect(await local.control("servicenow", "redeliver", { index: -1, times: 2 })).toEqual([202, 202]);
    expect(await local.control("servicenow", "redeliver", { index: -1, verbatim: true })).toEqual([202]);
    const [first, fresh, , replayed] = local.received;
    expect(new Set(local.received.map(({ body }) => body)).size).toBe(1);
    expect(fresh?.headers["x-jit-timestamp"]).not.toBe(first?.headers["x-jit-timestamp"]);
    expect(replayed?.headers["x-jit-signature"]).toBe(first?.headers["x-jit-signature"]);
    const deliveries = (await local.control("servicenow", "deliveries")) as { attempts: Json[] }[];
    expect(deliveries.at(-1)?.attempts.map(({ status }) => status)).toEqual([500, 202, 202, 202]);
  });

  it("writes the digest in hex, signs with another secret, or sends anything, as it is told", async () => {
    await local.control("servicenow", "habits", { webhookDigest: "hex" });
    await local.control("servicenow", "setSecret", { webhook: "other" });
    await local.control("servicenow", "sendRaw", { body: "{", sign: true, timestamp: "1", headers: { "x-more": "y" } });
    await local.control("servicenow", "setSecret", { webhook: "servicenow-webhook-secret" });
    const hex = createHmac("sha256", "other").update("1.{").digest("hex");
    expect(local.received[0]?.headers).toMatchObject({ "x-jit-signature": `v1=${hex}`, "x-more": "y" });
  });
});
