import { describe, expect, it } from "vitest";
import { activationDetails, activationTable } from "../../../cli/output/activation-text.ts";
import { nextStepText } from "../../../cli/output/next-step.ts";
import { printableJson } from "../../../cli/output/terminal.ts";
import { durationText, timeText } from "../../../cli/output/times.ts";
import { anActivationView } from "../../support/activation-view.ts";

const plain = { colour: false };

describe("times", () => {
  it.each([
    ["Europe/Berlin", "2026-11-24 10:00 (09:00 UTC)"],
    ["Asia/Kolkata", "2026-11-24 14:30 (09:00 UTC)"],
    ["Pacific/Auckland", "2026-11-24 22:00 (09:00 UTC)"],
    ["Pacific/Honolulu", "2026-11-23 23:00 (2026-11-24 09:00 UTC)"],
    ["UTC", "2026-11-24 09:00 UTC"],
  ])("are those of the reader's zone with UTC beside: %s", (zone, text) => {
    expect(timeText("2026-11-24T09:00:00.000Z", zone)).toBe(text);
  });

  it.each([
    ["PT1H30M", "1 h 30 min"],
    ["P1DT2H", "26 h"],
    ["PT45S", "45 s"],
    ["P1M", "P1M"],
  ])("say durations in words: %s", (iso, text) => {
    expect(durationText(iso)).toBe(text);
  });
});

describe("a list of activations", () => {
  it("says who waits for whom, since when and until when, in columns", () => {
    const [heading = "", first = "", second = ""] = activationTable(
      [anActivationView(), anActivationView({ status: "Active", waitingFor: [], until: null })],
      plain,
    );
    const columnOf = (title: string): number => heading.indexOf(title);
    expect(first.slice(columnOf("WAITS FOR"))).toMatch(/^Cora Lindt, Dev Patel {2}/);
    expect(first).toContain(timeText("2026-11-24T09:00:00.000Z"));
    expect(first.slice(columnOf("UNTIL"))).toContain(timeText("2026-11-24T13:00:00.000Z"));
    expect(second.slice(columnOf("WAITS FOR"))).toMatch(/^- /);
    expect(second.slice(columnOf("UNTIL"))).toMatch(/^- /);
  });

  it("colours the state only where colours are wanted", () => {
    const views = [anActivationView({ status: "Active" })];
    expect(activationTable(views, { colour: true }).join("\n")).toContain("\u001b[32mActive");
    expect(activationTable(views, plain).join("\n")).not.toContain("\u001b");
  });
});

describe("the details of an activation", () => {
  it("show decisions, the held role and why it is over", () => {
    const text = activationDetails(
      anActivationView({
        status: "Ended",
        held: { startsAt: "2026-11-24T09:00:00.000Z", endsAt: "2026-11-24T11:00:00.000Z" },
        decisions: [
          {
            person: { key: "cora.lindt", name: "Cora Lindt" },
            decision: "approve",
            at: "2026-11-24T08:59:00.000Z",
            detail: "PT1H",
          },
        ],
        closing: {
          reason: "EndedByPerson",
          sentence: "The access was ended early.",
          detail: null,
          by: { key: "ada.byron", name: "Ada Byron" },
        },
      }),
      plain,
    ).join("\n");
    expect(text).toMatch(/decided +Cora Lindt: approve, .*\(PT1H\)/);
    expect(text).toMatch(/held +2026-11-24 .* to 2026-11-24/);
    expect(text).toMatch(/closed +The access was ended early\. by Ada Byron/);
  });

  it("obey nothing that a ticket or a name smuggles in", () => {
    const hostile = "\u001b]0;owned\u0007\u202e\u009b2J\n fake: line";
    const view = anActivationView({ justification: hostile, person: { key: "x", name: hostile } });
    const lines = [...activationDetails(view, plain), ...activationTable([view], plain), ...nextStepText(view)];
    expect(lines.join("").match(/[\p{Cc}\p{Cf}]/u)).toBeNull();
    expect(lines.join("\n")).toContain(String.raw`\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J\u{a} fake: line`);
  });
});

describe("JSON for a terminal", () => {
  it("has no raw control character and is the same value", () => {
    const value = { text: "\u007f\u009b\u202e\u2028 \u{e0001} é", list: [1] };
    const text = printableJson(value);
    expect(text.replaceAll("\n", "").match(/[\p{Cc}\p{Cf}\p{Zl}]/u)).toBeNull();
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe("the next step", () => {
  it.each([
    ["AwaitingStepUp", { stepUp: "https://zs.example/l/1" }, "https://zs.example/l/1"],
    ["Ready", { start: "https://zs.example/l/2" }, "https://zs.example/l/2"],
    ["AwaitingApproval", {}, "Cora Lindt or Dev Patel"],
    ["Active", {}, "zs end 0123456789abcdef0123456789abcdef"],
  ] as const)("names what to do while the request is %s", (status, links, text) => {
    const view = anActivationView({ status, links: { page: "https://zs.example/a/1", ...links } });
    expect(nextStepText(view).join("\n")).toContain(text);
  });
});
