import { describe, expect, it } from "vitest";
import {
  deedsOf as summed,
  deedsText,
  NOTHING_SEEN,
  seeActivities,
  windowsInLog,
  type DirectoryActivity,
} from "../../../../shared/domain/deeds.ts";
import { DAY_MS, HOUR_MS, instant, plus } from "../../../../shared/domain/time.ts";

const NOW = instant(Date.UTC(2026, 10, 24, 9));
const held = (daysAgo: number) => ({ from: plus(NOW, -daysAgo * DAY_MS), to: plus(NOW, -daysAgo * DAY_MS + HOUR_MS) });
const did = (name: string, daysAgo: number, minutes = 10) => ({
  name,
  at: plus(NOW, -daysAgo * DAY_MS + minutes * 60_000),
});

const deedsOf = (log: readonly DirectoryActivity[], read: Parameters<typeof summed>[1]) =>
  summed(seeActivities(NOTHING_SEEN, log, read.windows), read);

describe("what somebody did with a role", () => {
  it("counts by name what lies in the times in which the role was held, and nothing beside them", () => {
    const log = [
      did("Update user", 3),
      did("Update user", 5),
      did("Delete group", 5),
      did("Delete group", 4),
      did("Add app", 3, 61),
    ];
    const deeds = deedsOf(log, { windows: [held(3), held(5)], of: 2, unread: false, at: NOW });
    expect(deeds.activities).toEqual([
      { name: "Update user", count: 2 },
      { name: "Delete group", count: 1 },
    ]);
    expect(deedsText(deeds)).toBe("Update user (2), Delete group (1) (read on 2026-11-24)");
  });

  it("looks only at times that the log still covers as a whole, and says where it does not", () => {
    expect(windowsInLog([held(29), held(31)], NOW)).toEqual([held(29)]);
    const some = deedsOf([], { windows: [held(29)], of: 2, unread: false, at: NOW });
    expect(deedsText(some)).toMatch(/^nothing; in 1 of 2 activations, further back/);
    expect(deedsText(deedsOf([], { windows: [], of: 1, unread: false, at: NOW }))).toMatch(/^not known/);
  });

  it("says when there was more than was read or is shown", () => {
    const one = { windows: [held(3)], of: 1, at: NOW };
    expect(deedsText(deedsOf([did("x", 3), did("y", 9)], { ...one, unread: true }))).toContain(
      "x (1); only the first 2 entries of Entra's log were read",
    );
    const many = deedsOf(
      Array.from({ length: 11 }, (_, n) => did(`activity ${n}`, 3)),
      { ...one, unread: false },
    );
    expect(many.activities).toHaveLength(10);
    expect(deedsText(many)).toContain(", and more");
  });

  it("holds five hundred names at most, however many pages there are, and counts over all of them", () => {
    let seen = NOTHING_SEEN;
    for (let page = 0; page < 1_000; page += 1)
      seen = seeActivities(seen, [did("Update user", 3), did(`activity ${page}`, 3)], [held(3)]);
    expect(seen.counts.size).toBe(500);
    expect(seen.rows).toBe(2_000);
    expect(seen.counts.get("Update user")).toBe(1_000);
  });

  it.each([null, undefined])("says when it was not read (%s)", (nothing) => {
    expect(deedsText(nothing)).toBe("not read");
  });
});
