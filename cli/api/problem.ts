import { z } from "zod";
import { REASONS } from "../../shared/domain/reasons.ts";
import { CliError, ExitCode, unavailable } from "../exit-code.ts";

const problemBody = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** What a refused call means for the person: the service's own words, with the reason as code. */
export function problemError(status: number, body: unknown): CliError {
  const parsed = problemBody.safeParse(body);
  if (!parsed.success) return answeredByAnother(status);
  const { code, title, detail, errors = [] } = parsed.data;
  const wrong = errors.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("; ");
  const more = wrong || detail;
  return new CliError(exitCodeOf(status, code), code, more ? `${title} (${more})` : title);
}

/** The service gives a reason with every refusal: what gives none is something else at that address, or before it. */
const answeredByAnother = (status: number): CliError =>
  status === 401
    ? new CliError(ExitCode.NotSignedIn, "Http401", "the service answered 401 without a reason")
    : unavailable(`the service answered ${status} without a reason: is ZS_API_URL its address?`);

/** A refusal is a refusal whatever its HTTP status; only "does not answer" is worth another try. */
function exitCodeOf(status: number, code: string): ExitCode {
  const isReason = code in REASONS;
  return isReason && !code.endsWith("Unavailable") && code !== "InternalFault"
    ? ExitCode.Refused
    : codeOfStatus(status);
}

function codeOfStatus(status: number): ExitCode {
  if (status === 401) return ExitCode.NotSignedIn;
  if (status === 400) return ExitCode.Usage;
  return status === 429 || status >= 500 ? ExitCode.Unavailable : ExitCode.Refused;
}
