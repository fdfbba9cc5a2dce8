import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { readMessage } from "../../../../functions/triggers/read-message.ts";
import {
  ACTIVATION_MESSAGE_EXAMPLE,
  activationMessageSchema,
} from "../../../../shared/contracts/activation-message.ts";

const docs = join(import.meta.dirname, "../../../../docs");
const published = readFileSync(join(docs, "activation-message.schema.json"), "utf8");
const isValid = new Ajv2020({ strict: false }).compile(JSON.parse(published) as object);
const isRead = (body: unknown): boolean => "message" in readMessage(Buffer.from(JSON.stringify(body)));
const changed = (changes: object): object => ({ ...ACTIVATION_MESSAGE_EXAMPLE, ...changes });

describe("the published schema of messages", () => {
  it("is that of the code", () => {
    const now = `${JSON.stringify(activationMessageSchema(), null, 2)}\n`;
    expect(published === now, "docs/activation-message.schema.json differs from the code: npm run docs").toBe(true);
  });

  it("has an example that is read, and that senders find in docs/messages.md", () => {
    expect([isValid(ACTIVATION_MESSAGE_EXAMPLE), isRead(ACTIVATION_MESSAGE_EXAMPLE)]).toEqual([true, true]);
    const [, shown = ""] = /```json\n([^]*?)```/.exec(readFileSync(join(docs, "messages.md"), "utf8")) ?? [];
    expect(JSON.parse(shown)).toEqual(ACTIVATION_MESSAGE_EXAMPLE);
  });

  it.each<object>([
    {},
    { scope: "/", account: "a0000000-0000-4000-8000-000000000008" },
    { ticket: { system: "jira", number: "OPS-142" } },
    { duration: "P0DT1H" },
  ])("allows %j, as the door does", (changes) => {
    expect([isValid(changed(changes)), isRead(changed(changes))]).toEqual([true, true]);
  });

  it.each<object>([
    { version: 2 },
    { version: "1" },
    { version: undefined },
    { requestId: "short" },
    { person: 7 },
    { person: undefined },
    { role: "GA" },
    { justification: "because" },
    { ticket: { system: "remedy", number: "CHG0030192" } },
    { ticket: { system: "jira", number: "OPS-142", url: "https://jira.example" } },
    { sender: "chatbot" },
  ])("refuses %j, as the door does", (changes) => {
    expect([isValid(changed(changes)), isRead(changed(changes))]).toEqual([false, false]);
  });
});
