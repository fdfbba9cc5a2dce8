import type { ChangeView } from "../../shared/contracts/change.ts";
import { safeText } from "./safe-text.ts";
import { timeText } from "./times.ts";

/** A change in the terminal. */
export function changeText(view: ChangeView): readonly string[] {
  const { closing } = view;
  const why =
    closing && closing.text !== "" ? [`${closing.text}${closing.detail === null ? "" : ` (${closing.detail})`}`] : [];
  return [
    `${view.status}: ${view.words[0] ?? `${view.kind} ${view.id}`}`,
    ...why,
    ...view.words.slice(1).map((line) => `  ${line}`),
    `Asked by ${view.askedBy}: ${view.because}`,
    ...(view.total > 0 ? [`${view.done} of ${view.total} done`] : []),
    ...(view.waitsFor.length > 0
      ? [`Waits for ${view.waitsFor.join(", ")}${view.until === null ? "" : `, until ${timeText(view.until)}`}`]
      : []),
    view.page,
  ].map(safeText);
}
