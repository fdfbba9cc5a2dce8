import type { AuditRecord } from "./audit-chain.ts";
import type { ActivationEvent, RequestMessage } from "./bus.ts";
import type { Story } from "./story.ts";
import type { GraphRequest } from "./world.ts";

/** The real request to the directory: address, the fields that matter, answer. */
export function showGraphRequest(story: Story, { method, path, body, status }: GraphRequest): void {
  const fields = ["action", "principalId", "roleDefinitionId", "directoryScopeId", "justification", "ticketInfo"];
  const shown = fields.filter((name) => body[name] !== undefined).map((name) => [name, body[name]] as const);
  const end = body.scheduleInfo?.expiration;
  const all = [...shown, ...(end ? [["scheduleInfo.expiration", end] as const] : [])];
  story.show("Graph", `${method} ${path} → ${status}`, ...all.map(([name, value]) => `  ${name}: ${plain(value)}`));
}

const LONGEST = 64;

function plain(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** One line a record: number, time, what, by whom, and how it hangs on the record before it. */
export function showAudit(story: Story, records: readonly AuditRecord[]): void {
  const lines = records.map(({ sequence, at, type, actor, previous, hash }) => {
    const who = actor.person ?? actor.system ?? actor.part ?? actor.kind;
    const chain = `${previous.slice(0, 8)} ← ${hash.slice(0, 8)}`;
    return `#${String(sequence).padEnd(2)} ${at.slice(11, 19)}  ${type.padEnd(20)} ${who.padEnd(12)} ${chain}`;
  });
  story.show("Audit", ...lines);
}

/** The message as it was sent, one member a line. */
export function showMessage(story: Story, queue: string, request: RequestMessage): void {
  const members = Object.entries(request).map(([name, value]) => `  ${name}: ${plain(value)}`);
  story.show("Message", `to ${queue}`, ...members);
}

/** One line an event: id, time, what, and the hash of the record that it tells of. */
export function showEvents(story: Story, events: readonly ActivationEvent[]): void {
  const lines = events.map(({ data, time, type }) => {
    const name = type.replace("zero-standing.", "");
    return `#${String(data.sequence).padEnd(2)} ${time.slice(11, 19)}  ${name.padEnd(28)} ${data.hash.slice(0, 8)}`;
  });
  story.show("Events", ...lines);
}
