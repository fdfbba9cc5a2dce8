import type { KeptMessageSummary, KeptMessageView } from "../../shared/contracts/kept-message.ts";
import { parseInstant } from "../../shared/domain/time.ts";
import { safeText, safeValue } from "./safe-text.ts";
import { table } from "./table.ts";
import { styled, type Terminal } from "./terminal.ts";
import { timeText } from "./times.ts";

type Colours = Pick<Terminal, "colour">;

const LONGEST_ID = 40;

export function keptMessageTable(messages: readonly KeptMessageSummary[], terminal: Colours): readonly string[] {
  const rows = safeValue(messages).map(({ id, queue, messageId, enqueuedAt, reason }) => [
    id,
    sinceText(enqueuedAt),
    queue ?? "-",
    messageId.length > LONGEST_ID ? `${messageId.slice(0, LONGEST_ID - 1)}…` : messageId,
    reason ?? "-",
  ]);
  const [heading = "", ...lines] = table(["ID", "SINCE", "FROM", "MESSAGE", "REASON"], rows);
  return [styled(terminal, "bold", heading), ...lines];
}

export function keptMessageDetails(message: KeptMessageView, terminal: Colours): readonly string[] {
  const { id, queue, messageId, enqueuedAt, deliveries, reason, description, bytes, encoding } = safeValue(message);
  const facts = [
    ["message", messageId],
    ["from", queue ?? "a queue that messages are not taken from"],
    ["since", sinceText(enqueuedAt)],
    ["delivered", `${deliveries} times`],
    ["because", [reason, description].filter(Boolean).join(": ") || "-"],
    ["body", `${bytes} bytes${encoding === "base64" ? ", in base64" : ""}${message.whole ? "" : ", cut off"}`],
  ] as const;
  return [
    styled(terminal, "bold", id),
    ...facts.map(([name, text]) => `  ${name.padEnd(12)}${text}`),
    "",
    ...message.body.split("\n").map((line) => safeText(line)),
  ];
}

const sinceText = (text: string): string => {
  const at = parseInstant(text);
  return at === undefined ? text : timeText(at);
};
