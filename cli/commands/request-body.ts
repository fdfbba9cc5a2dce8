import type { z } from "zod";
import { requestActivationBody } from "../../shared/contracts/request-activation.ts";
import { formatDuration, HOUR_MS, MINUTE_MS, parseDuration } from "../../shared/domain/time.ts";
import type { Input } from "../command.ts";
import { usageError } from "../exit-code.ts";

/** The body as it is sent, checked before with the service's own schema. @throws CliError that names the option */
export function requestBody(input: Input): z.input<typeof requestActivationBody> {
  const [system = "", number = "", more] = input.required("ticket").split(":");
  if (more !== undefined || number === "")
    throw usageError(`--ticket must be SYSTEM:NUMBER, such as servicenow:CHG0030192: ${input.required("ticket")}`);
  const scope = input.optional("scope");
  const account = input.optional("account");
  const body = {
    role: input.operand(),
    duration: isoDuration(input.required("for")),
    justification: input.required("because"),
    ticket: { system, number },
    ...(scope === undefined ? {} : { scope }),
    ...(account === undefined ? {} : { account }),
  };
  const parsed = requestActivationBody.safeParse(body);
  if (parsed.success) return body as z.input<typeof requestActivationBody>;
  const [issue] = parsed.error.issues;
  throw usageError(`${OPTION_OF[String(issue?.path[0])] ?? "the request"}: ${issue?.message ?? "is not valid"}`);
}

const OPTION_OF: Readonly<Record<string, string>> = {
  role: "ROLE",
  duration: "--for",
  justification: "--because",
  ticket: "--ticket",
  scope: "--scope",
  account: "--account",
};

function isoDuration(text: string): string {
  const short = /^(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?$/i.exec(text);
  const ms =
    short && text !== ""
      ? Number(short[1] ?? 0) * HOUR_MS + Number(short[2] ?? 0) * MINUTE_MS
      : (parseDuration(text.toUpperCase()) ?? 0);
  if (ms === 0) throw usageError(`--for must be a duration such as 2h, 90m, 1h30m or PT2H: ${text}`);
  return formatDuration(ms);
}
