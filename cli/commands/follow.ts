import { setTimeout as pause } from "node:timers/promises";
import { activationView, type ActivationView } from "../../shared/contracts/activation-view.ts";
import type { Api } from "../api/client.ts";
import { CliError, ExitCode } from "../exit-code.ts";
import { nextStepText } from "../output/next-step.ts";
import type { Terminal } from "../output/terminal.ts";

const POLL_MS = 1_000;
const LONGEST_CHECK_MS = 15_000;
const MOST_FAILED_POLLS = 30;
const CLOSED: readonly ActivationView["status"][] = ["Ended", "Refused", "Denied", "Expired", "Cancelled", "Failed"];

export const isClosed = ({ status }: ActivationView): boolean => CLOSED.includes(status);

/** The activation once policy and ticket were checked, or as it is when that takes long. */
export const untilChecked = (api: Api, start: ActivationView): Promise<ActivationView> =>
  follow(api, start, ({ status }) => status !== "Requested", LONGEST_CHECK_MS);

/** Reads the activation again until it is as wanted or the time is over; a service that is away for a moment is waited for. */
async function follow(
  api: Api,
  start: ActivationView,
  wanted: (view: ActivationView) => boolean,
  longestMs = Number.POSITIVE_INFINITY,
): Promise<ActivationView> {
  const giveUpAt = performance.now() + longestMs;
  let view = start;
  for (let failed = 0; !wanted(view) && performance.now() < giveUpAt;) {
    await pause(POLL_MS);
    try {
      view = await api.get(`/api/activations/${encodeURIComponent(view.id)}`, activationView);
      failed = 0;
    } catch (error) {
      const passing = error instanceof CliError && error.exitCode === ExitCode.Unavailable;
      if (!passing || ++failed > MOST_FAILED_POLLS) throw error;
    }
  }
  return view;
}

/** The activation once it is active or over; tells every step on stderr, so that the person sees what to do meanwhile. */
export async function untilActive(api: Api, start: ActivationView, terminal: Terminal): Promise<ActivationView> {
  let view = start;
  while (view.status !== "Active" && !isClosed(view)) {
    for (const line of nextStepText(view)) terminal.note(line);
    const { status } = view;
    view = await follow(api, view, (next) => next.status !== status);
  }
  return view;
}
