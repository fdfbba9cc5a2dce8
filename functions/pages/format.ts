import { html } from "hono/html";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from "../../shared/domain/time.ts";

/** A piece of HTML in which everything that came from outside is escaped. */
export type Html = ReturnType<typeof html>;

const DATE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** "24 Nov 2026, 09:00 UTC". */
export const instantText = (at: Instant): string => `${DATE.format(new Date(at))} UTC`;

export const time = (at: Instant): Html => html`<time datetime="${at}">${instantText(at)}</time>`;

/** "1 hour 30 minutes". */
export function durationText(ms: number): string {
  const parts = [
    amount(Math.floor(ms / HOUR_MS), "hour"),
    amount(Math.floor((ms % HOUR_MS) / MINUTE_MS), "minute"),
    amount(Math.floor((ms % MINUTE_MS) / SECOND_MS), "second"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "no time" : parts.join(" ");
}

const amount = (count: number, unit: string): string =>
  count === 0 ? "" : `${count} ${unit}${count === 1 ? "" : "s"}`;
