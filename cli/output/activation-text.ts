import type { ActivationView } from "../../shared/contracts/activation-view.ts";
import { safeValue } from "./safe-text.ts";
import { table } from "./table.ts";
import { styled, type Terminal } from "./terminal.ts";
import { durationText, timeText } from "./times.ts";

type Colours = Pick<Terminal, "colour">;

const STATUS_STYLE = {
  Requested: "cyan",
  AwaitingStepUp: "yellow",
  AwaitingApproval: "yellow",
  Ready: "yellow",
  Granting: "cyan",
  Active: "green",
  Ending: "magenta",
  Ended: "dim",
  Refused: "red",
  Denied: "red",
  Expired: "dim",
  Cancelled: "dim",
  Failed: "red",
} as const satisfies Record<ActivationView["status"], string>;

const names = (persons: readonly { readonly name: string }[]): string => persons.map(({ name }) => name).join(", ");

/** A table of activations: who waits for whom, since when and until when. */
export function activationTable(views: readonly ActivationView[], terminal: Colours): readonly string[] {
  const rows = safeValue(views).map((view) => [
    view.status,
    view.role.name,
    view.person.name,
    view.ticket.number,
    view.waitingFor.map(({ persons }) => names(persons)).join(" and ") || "-",
    timeText(view.since),
    view.until === null ? "-" : timeText(view.until),
    view.id,
  ]);
  const [heading = "", ...lines] = table(
    ["STATUS", "ROLE", "FOR", "TICKET", "WAITS FOR", "SINCE", "UNTIL", "ID"],
    rows,
  );
  const coloured = lines.map((line, index) => {
    const status = views[index]?.status ?? "Requested";
    return styled(terminal, STATUS_STYLE[status], status) + line.slice(status.length);
  });
  return [styled(terminal, "bold", heading), ...coloured];
}

/** Everything there is to know about one activation. */
export function activationDetails(view: ActivationView, terminal: Colours): readonly string[] {
  const safe = safeValue(view);
  const status = styled(terminal, STATUS_STYLE[view.status], view.status);
  const title = styled(terminal, "bold", `${safe.role.name} for ${safe.person.name}`);
  return [`${title}: ${status}`, ...facts(safe).map(([name, text]) => `  ${name.padEnd(12)}${text}`)];
}

function facts(view: ActivationView): readonly (readonly [string, string])[] {
  const { closing, held, links } = view;
  return [
    ["id", view.id],
    ["role", view.role.id],
    ["account", view.account],
    ["scope", view.scope === "/" ? "/ (the whole tenant)" : view.scope],
    ["ticket", `${view.ticket.system} ${view.ticket.number}`],
    ["because", view.justification],
    ["asked", `${timeText(view.requestedAt)}, by ${view.door}`],
    ["duration", durationText(view.duration)],
    ["since", timeText(view.since)],
    ...(view.until === null ? [] : [["until", timeText(view.until)] as const]),
    ...(held ? [["held", `${timeText(held.startsAt)} to ${timeText(held.endsAt)}`] as const] : []),
    ...view.waitingFor.map(
      ({ requirement, persons, since }) =>
        ["waits for", `${requirement}: ${names(persons)}, since ${timeText(since)}`] as const,
    ),
    ...view.decisions.map(
      ({ person, decision, at, detail }) =>
        ["decided", `${person.name}: ${decision}, ${timeText(at)}${detail === null ? "" : ` (${detail})`}`] as const,
    ),
    ...(closing ? [["closed", closingText(closing)] as const] : []),
    ["page", links.page],
    ...(links.stepUp === undefined ? [] : [["sign in", links.stepUp] as const]),
    ...(links.start === undefined ? [] : [["start", links.start] as const]),
    ...(links.decide === undefined ? [] : [["decide", links.decide] as const]),
  ];
}

export const closingText = ({ sentence, detail, by }: NonNullable<ActivationView["closing"]>): string =>
  [sentence, detail === null ? "" : `(${detail})`, by ? `by ${by.name}` : ""].filter(Boolean).join(" ");
