import { setTimeout as pause } from "node:timers/promises";
import { changeView, type ChangeView } from "../../shared/contracts/change.ts";
import type { Api } from "../api/client.ts";
import { CliError, ExitCode } from "../exit-code.ts";
import { changeText } from "../output/change-text.ts";
import { safeText } from "../output/safe-text.ts";
import { answer, type Terminal } from "../output/terminal.ts";

const POLL_MS = 1_000;
const MOST_FAILED_POLLS = 30;
const OVER: readonly ChangeView["status"][] = ["Done", "Refused", "Denied", "Expired", "Stopped"];

/** Shows a change while it goes on, each step once on stderr, and answers what became of it. */
export async function followChange(
  api: Api,
  start: ChangeView,
  { terminal, wait }: { readonly terminal: Terminal; readonly wait: boolean },
): Promise<ExitCode> {
  let view = start;
  let told = "";
  for (let failed = 0; wait && !OVER.includes(view.status);) {
    const now = stepText(view);
    if (now !== told) terminal.note((told = now));
    await pause(POLL_MS);
    try {
      view = await api.get(`/api/changes/${view.id}`, changeView);
      failed = 0;
    } catch (error) {
      const passing = error instanceof CliError && error.exitCode === ExitCode.Unavailable;
      if (!passing || ++failed > MOST_FAILED_POLLS) throw error;
    }
  }
  answer(terminal, view, () => changeText(view));
  return view.status === "Done" || !OVER.includes(view.status) ? ExitCode.Ok : ExitCode.Refused;
}

function stepText({ status, waitsFor, done, total, page }: ChangeView): string {
  switch (status) {
    case "AwaitingConfirmation":
      return `Confirm it: the link is in the mail to ${safeText(waitsFor.join(", "))} (${safeText(page)}).`;
    case "AwaitingApproval":
      return `Waits for one of ${safeText(waitsFor.join(", "))}.`;
    case "Working":
      return `${done} of ${total} done.`;
    default:
      return "Being checked.";
  }
}
