import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal, type JournalOptions } from "../../../../../local/broker/journal/journal.ts";
import type { JournalRecord } from "../../../../../local/broker/journal/records.ts";
import type { BodyLocation } from "../../../../../local/broker/model/message.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const put = (sequence: number): JournalRecord => ({ t: "put", to: [["q", sequence]], at: sequence });
const aJournal = (options: Partial<JournalOptions> = {}): Journal =>
  new Journal(directory, {
    snapshot: () => [],
    liveBytes: () => 0,
    failed: (error) => {
      throw error;
    },
    ...options,
  });

interface Kept {
  readonly record: JournalRecord;
  readonly text: string;
}

function readBack(): { readonly kept: Kept[]; readonly cutBytes: number } {
  const kept: Kept[] = [];
  const cutBytes = aJournal().open((record, _location, bytes) => kept.push({ record, text: bytes.toString() }));
  return { kept, cutBytes };
}

async function written(...texts: string[]): Promise<void> {
  const journal = aJournal();
  journal.open(() => undefined);
  texts.forEach((text, index) => journal.append(put(index), Buffer.from(text)));
  await journal.durable();
  await journal.close();
}

describe("a journal", () => {
  it("gives back what was appended, in order, with the place of each body", async () => {
    const journal = aJournal();
    journal.open(() => undefined);
    const places: BodyLocation[] = [];
    for (const text of ["one", "", "three"]) journal.append(put(1), Buffer.from(text), (place) => places.push(place));
    expect(places).toEqual([]);
    await journal.durable();
    expect(places.map((place) => journal.read(place).toString())).toEqual(["one", "", "three"]);
    await journal.close();
    expect(readBack().kept.map(({ text }) => text)).toEqual(["one", "", "three"]);
  });

  it.each([1, 8, 11, 40])("cuts off an unfinished record of %i bytes, and keeps all before it", async (bytes) => {
    await written("one", "two", "x".repeat(100));
    const file = join(directory, "journal");
    const whole = readFileSync(file);
    const last = 12 + JSON.stringify(put(2)).length + 100;
    truncateSync(file, whole.length - last + bytes);
    const { kept, cutBytes } = readBack();
    expect(kept.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(cutBytes).toBe(bytes);
    expect(readBack().cutBytes).toBe(0);
  });

  it("does not take a damaged record for a whole one", async () => {
    await written("one", "two");
    const file = join(directory, "journal");
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = 0;
    writeFileSync(file, bytes);
    expect(readBack().kept.map(({ text }) => text)).toEqual(["one"]);
  });

  it("survives garbage behind the last record, however it looks", async () => {
    await written("one");
    appendFileSync(join(directory, "journal"), Buffer.alloc(200, 0xff));
    expect(readBack()).toMatchObject({ kept: [{ text: "one" }], cutBytes: 200 });
  });

  it("reads a record that is larger than what it reads at once", async () => {
    await written("small", "x".repeat(5_000_000), "last");
    expect(readBack().kept.map(({ text }) => text.length)).toEqual([5, 5_000_000, 4]);
  });

  it("is written anew when it is mostly history, while more is appended", async () => {
    const live: { record: JournalRecord; location: BodyLocation }[] = [];
    const journal = aJournal({ compactFromBytes: 2_000, snapshot: () => live.slice(-3), liveBytes: () => 300 });
    journal.open(() => undefined);
    for (let sequence = 1; sequence <= 200; sequence += 1) {
      const record = put(sequence);
      journal.append(record, Buffer.from(`body ${sequence}`.padEnd(100)), (location) =>
        live.push({ record, location }),
      );
      if (sequence % 10 === 0) await journal.durable();
    }
    await journal.durable();
    expect(journal.compactions).toBeGreaterThan(0);
    const last = live.slice(-3).map(({ location }) => journal.read(location).toString().trim());
    expect(last).toEqual(["body 198", "body 199", "body 200"]);
    await journal.close();
    expect(
      readBack()
        .kept.slice(-3)
        .map(({ text }) => text.trim()),
    ).toEqual(last);
    expect(readdirSync(directory)).toEqual(["journal"]);
  });

  it("starts on the old file when a rewriting was cut short", async () => {
    await written("one");
    writeFileSync(join(directory, "journal.new"), "half of a file");
    expect(readBack().kept.map(({ text }) => text)).toEqual(["one"]);
  });
});
