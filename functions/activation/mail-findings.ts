import { DependencyError } from "../../shared/ports/dependency-error.ts";
import { mailTo } from "./messages.ts";
import type { Sweeper } from "./sweep.ts";

/**
 * Tells the identity team. Who only watches may lack the permission to mail, and looks the findings up.
 * @throws DependencyError for any other fault: it is told again
 */
export async function mailFindings(
  { notifier, policies: { policy }, log }: Pick<Sweeper, "notifier" | "policies" | "log">,
  subject: string,
  lines: readonly string[],
): Promise<void> {
  const label = "Open Entra (zs findings lists everything that is open)";
  try {
    await notifier.mail(mailTo(policy.alertMail, subject, lines, "https://entra.microsoft.com", label));
  } catch (error) {
    if (policy.mode !== "observe" || !isMisconfigured(error)) throw error;
    log("warn", "findings not mailed", { problem: error.message });
  }
}

const isMisconfigured = (error: unknown): error is DependencyError =>
  error instanceof DependencyError && error.code === "Misconfigured";
