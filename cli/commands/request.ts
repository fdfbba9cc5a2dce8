import { activationView } from "../../shared/contracts/activation-view.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode, usageError } from "../exit-code.ts";
import { activationDetails } from "../output/activation-text.ts";
import { nextStepText } from "../output/next-step.ts";
import { answer } from "../output/terminal.ts";
import { openSession } from "../sign-in/session.ts";
import { isClosed, untilActive, untilChecked } from "./follow.ts";
import { requestBody } from "./request-body.ts";

const KEY = /^[A-Za-z0-9_-]{8,64}$/;

export const request: Command = {
  name: "request",
  summary: "ask for a role, with a ticket",
  details:
    "Asks for a role for a limited time, and says what happens next. The same request again is the same activation;\na further use of a ticket needs a new --key. The exit code is 1 when the request is refused.",
  operand: { name: "ROLE", help: "name or id of the role" },
  options: {
    ticket: { value: "SYSTEM:NUMBER", help: "servicenow:CHG0030192 or jira:OPS-142", required: true },
    for: { value: "DURATION", help: "how long: 2h, 90m, 1h30m or PT2H", required: true },
    because: { value: "TEXT", help: "why (10 to 500 characters); approvers read it", required: true },
    scope: { value: "SCOPE", help: "where, if you are eligible at more than one: / or /administrativeUnits/<id>" },
    account: { value: "ID", help: "object id of the admin account, if several of yours are eligible" },
    key: { value: "KEY", help: "marks a further use of the ticket (8 to 64 of A-Z a-z 0-9 _ -)" },
    wait: { help: "wait until the role is active (exit code 0) or will not be (1)" },
  },
  examples: [
    'zs request "Exchange Administrator" --ticket servicenow:CHG0030192 --for 2h --because "Move the mailboxes of the branch"',
  ],
  run: async (input, { env, directory, terminal }) => {
    const body = requestBody(input);
    const idempotencyKey = input.optional("key");
    if (idempotencyKey !== undefined && !KEY.test(idempotencyKey))
      throw usageError("--key must be 8 to 64 of A-Z a-z 0-9 _ -");
    const api = createApi(openSession(env, directory));
    const asked = await api.post("/api/activations", { body, idempotencyKey }, activationView);
    const checked = await untilChecked(api, asked);
    const view = input.flag("wait") ? await untilActive(api, checked, terminal) : checked;
    answer(terminal, view, () => [...activationDetails(view, terminal), "", ...nextStepText(view)]);
    return isClosed(view) ? ExitCode.Refused : ExitCode.Ok;
  },
};
