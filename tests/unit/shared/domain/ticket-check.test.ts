import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DirectoryScopeId } from "../../../../shared/domain/ids.ts";
import type { TicketRule } from "../../../../shared/domain/policy.ts";
import { checkTicket, isRole, timeLeftInWindow, watchTicket } from "../../../../shared/domain/ticket-check.ts";
import { evidenceOf, type Ticket } from "../../../../shared/domain/ticket.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import { ADA, aRole, aTicket, ROLE } from "../../../support/memory-world.ts";

const NOW = "2026-11-24T09:00:00.000Z";
const RULE: TicketRule = {
  system: "servicenow",
  type: "change_request",
  window: "required",
  graceMs: 10 * MINUTE_MS,
  approved: true,
  namesRole: true,
};
const window = (fromMs: number, toMs: number): NonNullable<Ticket["window"]> => ({
  startsAt: plus(NOW, fromMs),
  endsAt: plus(NOW, toMs),
});
const ASKS = { role: "Global Administrator", duration: "PT2H", scope: "/" };

const reasons = (
  ticket: Partial<Ticket>,
  {
    rule = {},
    moment = "submission",
    durationMs = HOUR_MS,
  }: { rule?: Partial<TicketRule>; moment?: "submission" | "grant"; durationMs?: number } = {},
): readonly string[] =>
  checkTicket(
    aTicket({ window: window(-HOUR_MS, 8 * HOUR_MS), asks: ASKS, ...ticket }),
    {
      claim: {
        durationMs,
        roleDefinitionId: ROLE,
        directoryScopeId: "/" as DirectoryScopeId,
        ticket: { system: "servicenow", number: "CHG0030192" },
      },
      role: aRole({ tickets: [{ ...RULE, ...rule }] }),
      person: ADA,
      moment,
    },
    NOW,
  ).map(({ reason, detail }) => (reason === "TicketNamesAnotherRole" ? `${reason} ${detail ?? ""}` : reason));

describe("checkTicket", () => {
  it("is content with an open, approved ticket of the person that names the request", () => {
    expect(reasons({})).toEqual([]);
  });

  it.each<[string, Partial<Ticket>, string]>([
    ["of another type", { type: "incident" }, "TicketTypeNotAllowed"],
    ["that is closed", { status: "closed" }, "TicketNotOpen"],
    ["that was cancelled", { status: "cancelled" }, "TicketCancelled"],
    ["that was rejected", { approval: "rejected" }, "TicketCancelled"],
    ["on hold", { onHold: true }, "TicketOnHold"],
    ["that waits for approval", { approval: "pending" }, "TicketNotApproved"],
    ["whose approval cannot be read", { approval: "unknown" }, "TicketNotApproved"],
    ["that needed no approval where the policy needs one", { approval: "notRequired" }, "TicketNotApproved"],
    ["without a window", { window: undefined }, "TicketWindowMissing"],
    ["whose window is over", { window: window(-9 * HOUR_MS, -HOUR_MS) }, "OutsideTicketWindow"],
    ["of somebody else", { assignee: "user-2" }, "TicketNotYours"],
    ["of nobody", { assignee: undefined }, "TicketNotYours"],
    ["that names no role", { asks: { ...ASKS, role: undefined } }, "TicketNamesAnotherRole no role"],
    ["that names another role", { asks: { ...ASKS, role: "Global Reader" } }, "TicketNamesAnotherRole role"],
    ["that names another scope", { asks: { ...ASKS, scope: "/x" } }, "TicketNamesAnotherRole scope"],
    ["that names a shorter time", { asks: { ...ASKS, duration: "PT30M" } }, "TicketNamesAnotherRole duration"],
    ["that names a time nobody can read", { asks: { ...ASKS, duration: "2h" } }, "TicketNamesAnotherRole duration"],
  ])("refuses a ticket %s", (_, ticket, reason) => {
    expect(reasons(ticket)).toEqual([reason]);
  });

  it("lets the policy ask for less", () => {
    const lenient: Partial<TicketRule> = { window: "ignored", approved: false, namesRole: false };
    const bare = {
      window: undefined,
      approval: "unknown" as const,
      asks: { role: undefined, duration: undefined, scope: undefined },
    };
    expect(reasons(bare, { rule: lenient })).toEqual([]);
  });

  it("believes a role that the ticket names even where it need not name one", () => {
    const rule = { namesRole: false };
    expect(reasons({ asks: { ...ASKS, role: "Global Reader" } }, { rule })).toEqual(["TicketNamesAnotherRole role"]);
  });

  it("lets a window lie ahead at submission, but not at the grant", () => {
    const ahead = { window: window(24 * HOUR_MS, 32 * HOUR_MS) };
    expect(reasons(ahead)).toEqual([]);
    expect(reasons(ahead, { moment: "grant" })).toEqual(["OutsideTicketWindow"]);
  });

  it("grants only what lies in the window with its grace from start to end", () => {
    const minutes = fc.integer({ min: -600, max: 600 });
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 5, max: 120 }),
        (start, length, asked) => {
          const ticket = { window: window(start * MINUTE_MS, (start + length) * MINUTE_MS) };
          const inside = start - 10 <= 0 && asked <= start + length + 10;
          expect(reasons(ticket, { moment: "grant", durationMs: asked * MINUTE_MS })).toEqual(
            inside ? [] : ["OutsideTicketWindow"],
          );
        },
      ),
    );
  });

  it.each([
    ["that ends with the grace, to the millisecond", -HOUR_MS, 50 * MINUTE_MS, []],
    ["that ends one millisecond earlier", -HOUR_MS, 50 * MINUTE_MS - 1, ["OutsideTicketWindow"]],
    ["that opens with the grace, to the millisecond", 10 * MINUTE_MS, 8 * HOUR_MS, []],
    ["that opens one millisecond later", 10 * MINUTE_MS + 1, 8 * HOUR_MS, ["OutsideTicketWindow"]],
  ])("judges a window %s", (_, from, to, expected) => {
    expect(reasons({ window: window(from, to) }, { moment: "grant" })).toEqual(expected);
  });

  it("compares ticket users of one system only", () => {
    const person = { ...ADA, jiraAccount: "user-jira" };
    const refusals = checkTicket(
      aTicket({ system: "jira", type: "Change", number: "OPS-1", assignee: "user-1" }),
      {
        claim: {
          durationMs: HOUR_MS,
          roleDefinitionId: ROLE,
          directoryScopeId: "/" as DirectoryScopeId,
          ticket: { system: "jira", number: "OPS-1" },
        },
        role: aRole({ tickets: [{ ...RULE, system: "jira", type: "Change", window: "ignored", namesRole: false }] }),
        person,
        moment: "submission",
      },
      NOW,
    );
    expect(refusals.map(({ reason }) => reason)).toEqual(["TicketNotYours"]);
  });
});

describe("isRole", () => {
  it("takes the name without regard to case, or the id, and nothing like it", () => {
    const role = aRole();
    const texts = [" global administrator ", ROLE, ROLE.toUpperCase(), "Global", "Global Administrators", ""];
    expect(texts.map((text) => isRole(text, role))).toEqual([true, true, true, false, false, false]);
  });
});

describe("watchTicket", () => {
  const before = aTicket({ type: "incident", assignmentGroup: "desk", window: window(-HOUR_MS, 8 * HOUR_MS) });
  const watch = (changes: Partial<Ticket>): unknown => watchTicket({ ...before, ...changes }, evidenceOf(before), NOW);

  it.each<[string, Partial<Ticket>, unknown]>([
    ["keeps the role while nothing changed", {}, { kind: "keep" }],
    ["keeps the role when only the summary changed", { summary: "Another" }, { kind: "keep" }],
    ["keeps an incident that moved inside its group", { assignee: "user-2" }, { kind: "keep" }],
    ["ends at once when it was cancelled", { status: "cancelled" }, { kind: "end", reason: "TicketCancelled" }],
    ["ends at once when it was rejected", { approval: "rejected" }, { kind: "end", reason: "TicketCancelled" }],
    ["sees that it was closed", { status: "closed" }, { kind: "closed", reason: "TicketClosed" }],
    [
      "sees that its window was cut short",
      { window: window(-HOUR_MS, -MINUTE_MS) },
      { kind: "closed", reason: "TicketClosed" },
    ],
    [
      "sees that it left the group",
      { assignee: "user-2", assignmentGroup: "network" },
      { kind: "closed", reason: "TicketReassigned" },
    ],
    [
      "sees that nobody has it any more",
      { assignee: undefined, assignmentGroup: undefined },
      { kind: "closed", reason: "TicketReassigned" },
    ],
    [
      "sees that a change went to a colleague",
      { type: "change_request", assignee: "user-2" },
      { kind: "closed", reason: "TicketReassigned" },
    ],
  ])("%s", (_, changes, verdict) => {
    expect(watch(changes)).toEqual(verdict);
  });

  it("takes a ticket that vanished for closed", () => {
    expect(watchTicket(undefined, evidenceOf(before), NOW)).toEqual({ kind: "closed", reason: "TicketClosed" });
  });
});

describe("timeLeftInWindow", () => {
  it("counts to the end of the window and its grace", () => {
    const ticket = aTicket({ window: window(-HOUR_MS, HOUR_MS) });
    expect(timeLeftInWindow(ticket, RULE, NOW)).toBe(70 * MINUTE_MS);
    expect(timeLeftInWindow(ticket, { ...RULE, window: "ignored" }, NOW)).toBeUndefined();
  });
});
