import { beforeEach, describe, expect, it } from "vitest";
import { messagesFor } from "../../../../functions/activation/messages.ts";
import { shownRequest } from "../../../../functions/activation/view.ts";
import type { PendingRow } from "../../../../shared/ports/activation-store.ts";
import { START } from "../../../support/memory-directory.ts";
import { ADA, CORA, MemoryWorld } from "../../../support/memory-world.ts";

/** Long enough that a subject is cut, odd enough that it may be cut in the middle of a character. */
const HOSTILE = `"><img src=x onerror=alert(1)>\r\nBcc: eve@example.com '&\u2028line\u2029paragraph\u0085${"😀".repeat(100)}`;

describe("mails about an activation", () => {
  let messages: ReturnType<typeof messagesFor>;

  beforeEach(async () => {
    const world = new MemoryWorld();
    await world.claim();
    await world.run();
    const request = shownRequest(await world.record());
    if (!request) throw new Error("nothing was asked for");
    messages = messagesFor(
      world.worker,
      { ...request, roleName: HOSTILE, justification: HOSTILE, ticket: { ...request.ticket, number: HOSTILE } },
      START,
    );
  });

  const kinds: Readonly<Record<string, () => readonly PendingRow[]>> = {
    "that asks for the step-up": () =>
      messages.askStepUp("key", START, [{ field: "summary", before: HOSTILE, after: HOSTILE }]),
    "that tells something": () => messages.tell("key", [ADA.key], HOSTILE, [HOSTILE]),
    "that says how it ended": () =>
      messages.closed("key", [ADA.key, CORA.key], HOSTILE, { reason: "TicketNotOpen", detail: HOSTILE, by: null }),
    "that asks for an approval": () => messages.askApproval("key", START, [CORA.key], "new"),
  };

  it.each(Object.entries(kinds))("one %s shows hostile text as text, under one line of subject", (_name, make) => {
    const rows = make();
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const { html, subject } = mailIn(row);
      expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
      expect(html).not.toContain("<img");
      expect(subject).not.toMatch(/[\r\n\u0085\u2028\u2029]/);
      expect(subject.isWellFormed()).toBe(true);
    }
  });

  it("say durations and times as people do, and until when an answer counts", () => {
    const [stepUp] = messages.askStepUp("key", "2026-11-24T09:30:00.000Z");
    const [approval] = messages.askApproval("key", "2026-11-24T13:00:00.000Z", [CORA.key], "new");
    const [start] = messages.askStart("key", "2026-11-24T10:00:00.000Z", "2026-11-24T12:00:00.000Z");
    expect(mailIn(stepUp).html).toContain("Confirm it until 24 Nov 2026, 09:30 UTC.");
    expect(mailIn(approval).html).toContain("for 2 hours, for ticket");
    expect(mailIn(approval).html).toContain("Decide until 24 Nov 2026, 13:00 UTC.");
    expect(mailIn(start).html).toContain("between 24 Nov 2026, 10:00 UTC and 24 Nov 2026, 12:00 UTC.");
  });
});

function mailIn(row: PendingRow | undefined) {
  if (row?.body.kind !== "send" || row.body.message.channel !== "mail") throw new Error("no mail");
  return row.body.message;
}
