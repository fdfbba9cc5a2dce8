import { html } from "hono/html";
import type { ComparedRole, RoleCounts } from "./posture-text.ts";

type Html = ReturnType<typeof html>;

export const SERIES = [
  { count: "standing", label: "standing", colour: "#b3261e", pale: "#efc1bd" },
  { count: "eligible", label: "eligible", colour: "#2f6f4f", pale: "#bfd8cb" },
  { count: "activeNow", label: "active now", colour: "#3b6fb6", pale: "#c3d5ee" },
  { count: "timeBoundOutside", label: "time-bound outside", colour: "#8a5a10", pale: "#e5d2b0" },
] as const;

/** Of the whole width; a number in less room than this would be cut, and stands in the table only. */
const ROOM_FOR_A_DIGIT = 1.7;

/** Bars of plain boxes, one role a row: a role's name wraps, a page breaks between roles, and a phone shows the text as large. */
export function chart(roles: readonly ComparedRole[], compares: boolean): Html {
  const most = Math.max(1, ...roles.flatMap(({ now, before }) => [sum(now), sum(before)]));
  return html`<p class="legend">
      ${SERIES.map(({ label, colour }) => html`<span><i style="background:${colour}"></i>${label}</span> `)}
      ${compares ? html`<span>Pale: before. Full: now.</span>` : ""}
    </p>
    <div class="chart">
      ${roles.map(
        ({ role, now, before }) =>
          html`<div class="role">
            <span>${role}</span>
            <div>${compares ? bar(before, most, "before") : ""}${bar(now, most, "now")}</div>
          </div>`,
      )}
    </div>`;
}

function bar(counts: RoleCounts | undefined, most: number, when: "before" | "now"): Html {
  const parts = SERIES.map((series) => ({ ...series, value: counts?.[series.count] ?? 0 }));
  const words = parts.map(({ value, label }) => `${value} ${label}`).join(", ");
  return html`<div class="bar ${when}" role="img" aria-label="${when}: ${words}">
    ${parts.map(({ value, label, colour, pale }) => {
      const percent = Math.round((value * 10_000) / most) / 100;
      const text = percent >= ROOM_FOR_A_DIGIT * (String(value).length + 1) ? String(value) : "";
      const background = when === "now" ? colour : pale;
      return value === 0
        ? ""
        : html`<i style="width:${percent}%;background:${background}" title="${value} ${label} (${when})">${text}</i>`;
    })}
  </div>`;
}

const sum = (counts: RoleCounts | undefined): number =>
  SERIES.reduce((total, { count }) => total + (counts?.[count] ?? 0), 0);

/** Of a page with such a chart. */
export const CHART_STYLE = `
.role { display: grid; grid-template-columns: 15rem 1fr; gap: .75rem; align-items: center; padding: .2rem 0; font-size: .85rem; break-inside: avoid; }
.role > span { text-align: right; overflow-wrap: anywhere; }
.bar { display: flex; height: 1.1rem; margin: 1px 0; }
.bar i { min-width: 3px; overflow: hidden; text-align: center; font: 11px/1.1rem inherit; font-style: normal; color: #1b1f24; }
.bar.now i { color: #fff; }
.bar i, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .85rem; break-after: avoid; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .3em; }
@media (max-width: 40rem) { .role { grid-template-columns: 1fr; gap: 0; } .role > span { text-align: left; } }
`;
