import { campaignList, campaignReport } from "../../shared/contracts/review.ts";
import { createApi } from "../api/client.ts";
import type { Command } from "../command.ts";
import { ExitCode } from "../exit-code.ts";
import { safeText } from "../output/safe-text.ts";
import { table } from "../output/table.ts";
import { answer } from "../output/terminal.ts";
import { reviewCsv, reviewHtml, reviewText, statusText } from "../standing/review-report.ts";
import { openSession } from "../sign-in/session.ts";
import { writeTextFile } from "../text-file.ts";
import { hexId } from "./hex-id.ts";

const list: Command = {
  name: "review list",
  summary: "the campaigns of the access review, the newest first (identity team)",
  details: "Shows when each campaign opened, until when it is answered, and where it stands. Changes nothing.",
  options: {},
  examples: ["zs review list"],
  run: async (_input, { env, directory, terminal }) => {
    const view = await createApi(openSession(env, directory)).get("/api/reviews", campaignList);
    answer(terminal, view, () =>
      view.campaigns.length === 0
        ? ["There was none yet."]
        : table(
            ["ID", "OPENED", "UNTIL", "STATUS"],
            view.campaigns.map(({ id, opensAt, until, status }) => [
              id,
              opensAt.slice(0, 10),
              until.slice(0, 10),
              safeText(statusText(status)),
            ]),
          ),
    );
    return ExitCode.Ok;
  },
};

const show: Command = {
  name: "review show",
  summary: "one campaign: who was reviewed, what was decided, what was done (identity team)",
  details: "Shows the report, and writes it as CSV or as one self-contained page. Changes nothing.",
  operand: { name: "ID", help: "id of the campaign, as zs review list shows it" },
  options: {
    csv: { value: "FILE", help: "write one line for every eligibility" },
    html: { value: "FILE", help: "write one page" },
  },
  examples: ["zs review show 0f1e2d3c4b5a69788796a5b4c3d2e1f0 --csv review.csv"],
  run: async (input, { env, directory, terminal }) => {
    const id = hexId(input, "a campaign");
    const report = await createApi(openSession(env, directory)).get(`/api/reviews/${id}`, campaignReport);
    for (const [option, make] of [
      ["csv", reviewCsv],
      ["html", reviewHtml],
    ] as const) {
      const file = input.optional(option);
      if (file !== undefined) writeTextFile(file, make(report));
    }
    answer(terminal, report, () => reviewText(report));
    return ExitCode.Ok;
  },
};

export const REVIEW_COMMANDS: readonly Command[] = [list, show];
