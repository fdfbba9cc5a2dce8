import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationText, instantText } from "../../../../functions/pages/format.ts";
import { renderPage } from "../../../../functions/pages/page.ts";
import { visibleText } from "../../../../functions/pages/visible-text.ts";
import type { View } from "../../../../functions/pages/views.ts";

const at = "2026-11-24T09:00:00.000Z";

/** Every kind of page with the same text in every place that can hold one. */
function viewsWith(text: string): readonly View[] {
  const summary = { role: text, scope: text, durationMs: 3_600_000, ticket: text };
  const form = { action: text, token: text };
  const fact = { label: text, value: text };
  return [
    { kind: "stepUp", summary, door: text, until: at, changedFields: [text], form },
    { kind: "start", summary, opensAt: at, lapsesAt: at, form },
    { kind: "signIn", title: text, text, summary, button: text, form },
    {
      kind: "decision",
      asked: "decision",
      summary,
      requester: { name: text, account: text },
      justification: text,
      requestedAt: at,
      until: at,
      evidence: [fact],
      changes: [{ field: "summary", before: text, after: text }],
      requirements: [{ name: text, count: 1, approved: [text], others: [text] }],
      backups: [text],
      shorterMs: [60_000],
      form,
    },
    {
      kind: "decision",
      asked: "denial",
      summary,
      requester: { name: text, account: text },
      justification: text,
      requestedAt: at,
      until: at,
      evidence: [],
      changes: [],
      requirements: [],
      backups: [],
      shorterMs: [],
      form,
    },
    {
      kind: "changeDecision",
      asked: "decision",
      title: text,
      text,
      facts: [fact, { label: text, value: [text, text] }],
      form,
    },
    {
      kind: "activation",
      summary,
      person: { name: text, account: text },
      status: text,
      tone: "good",
      text,
      facts: [fact],
      timeline: [{ at, text }],
      next: { href: text, label: text },
      tokensUntil: at,
      stop: { how: "end", form },
      refreshSeconds: 2,
    },
    {
      kind: "notice",
      title: text,
      text,
      tone: "bad",
      facts: [fact],
      link: { href: text, label: text },
      choice: { name: "disown", label: text, form },
    },
  ];
}

const render = (view: View): Promise<string> => renderPage(view, "nonce");
/** What a page is made of apart from its texts: every tag with the names of its attributes. */
const skeletonOf = (html: string): readonly string[] =>
  (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/g, "").replaceAll(/\s+/g, " "));

const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "</style><script>",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "\u202Egnp.exe",
    "javascript:alert(1)",
  ),
);

describe("pages", () => {
  it("keep their structure whatever text they show", async () => {
    const expected = await Promise.all(viewsWith("text").map(async (view) => skeletonOf(await render(view))));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const pages = await Promise.all(viewsWith(text).map(render));
        expect(pages.map(skeletonOf)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("show several values one below the other, and no space that the markup has around them", async () => {
    const facts = [
      { label: "Who gains", value: ["Ada", "Ben"] },
      { label: "Why", value: "because" },
    ];
    const html = await render({ kind: "notice", title: "t", text: "t", tone: "calm", facts });
    expect(html).toContain("<dd><ul><li>Ada</li><li>Ben</li></ul></dd>");
    expect(html).toContain("<dd>because</dd>");
  });

  it("contain no script and load nothing", async () => {
    for (const view of viewsWith("text")) {
      const html = await render(view);
      expect(html).not.toMatch(/<script|<img|<link|<iframe|\son[a-z]+=|style="|javascript:|@import|url\(/i);
    }
  });

  it("show hidden and reordering characters by their number", async () => {
    for (const view of viewsWith("safe\u202Eexe.txt\u200B\u0000\u{E0041}")) {
      const html = await render(view);
      expect(html).toContain("safe[U+202E]exe.txt[U+200B][U+0000][U+E0041]");
      expect(html.replaceAll(/[\n\t]/g, "")).not.toMatch(/[\p{C}\p{Default_Ignorable_Code_Point}]/u);
    }
  });

  it("say in their titles what is to be done", async () => {
    const titles = await Promise.all(
      viewsWith("Owner").map(async (view) => /<title>(.*?) ·/.exec(await render(view))?.[1]),
    );
    expect(titles.slice(0, 4)).toEqual(["Confirm: Owner", "Start: Owner", "Owner", "Decide: Owner"]);
  });

  it("label every field, name the language, and set the nonce on the only style", async () => {
    for (const view of viewsWith("text")) {
      const html = await render(view);
      expect(html).toContain('<html lang="en">');
      expect(html.match(/<style nonce="nonce">/g)).toHaveLength(1);
      for (const [, id] of html.matchAll(/<(?:select|textarea) id="(\w+)"/g))
        expect(html).toContain(`for="${id ?? ""}"`);
    }
  });
});

describe("visible text", () => {
  it("leaves ordinary text of any language alone", () => {
    for (const text of ["Zoë Müller-Łukasz", "日本語のテキスト", "שלום עולם", "a\tb\nc", "100 % & <b>", "👍"])
      expect(visibleText(text)).toBe(text);
  });

  it("leaves nothing hidden", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visibleText(text).replaceAll(/[\n\t]/g, "")).not.toMatch(/\p{C}|\p{Default_Ignorable_Code_Point}/u);
      }),
    );
  });
});

describe("formats", () => {
  it("say durations and instants as people do, in UTC", () => {
    expect(durationText(5_400_000)).toBe("1 hour 30 minutes");
    expect(durationText(60_000)).toBe("1 minute");
    expect(durationText(0)).toBe("no time");
    expect(instantText("2026-03-01T23:05:00.000Z")).toBe("1 Mar 2026, 23:05 UTC");
  });
});
