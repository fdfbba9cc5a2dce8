import type { z } from "zod";
import type { campaignList } from "../../shared/contracts/review.ts";
import { parseActivationId } from "../../shared/domain/ids.ts";
import { changeStateOf } from "../changes/change-state.ts";
import type { Door } from "../door.ts";
import type { Handler } from "../http/handler.ts";
import { forIdentityTeam } from "../http/identity-team.ts";
import { json } from "../http/json.ts";
import { problem } from "../http/problem.ts";
import { reportCampaign } from "../review/report.ts";

/** `GET /api/reviews`: the campaigns, the newest first. Changes nothing; identity team only. */
export const listReviews = (door: Door): Handler =>
  forIdentityTeam(door, async () => {
    const records = await Promise.all((await door.changes.about("campaigns")).map((id) => door.changes.load(id)));
    const campaigns = records.flatMap((record) => {
      const body = record?.change.body;
      if (!record || body?.kind !== "campaign") return [];
      const { number, opensAt, until } = body;
      return [{ id: record.change.id, number, opensAt, until, status: changeStateOf(record).status }];
    });
    return json(200, { campaigns } satisfies z.input<typeof campaignList>);
  });

/** `GET /api/reviews/{id}`: what became of everybody. Changes nothing; identity team only. */
export const showReview = (door: Door): Handler =>
  forIdentityTeam(door, async (request) => {
    const id = parseActivationId(request.params["id"] ?? "");
    const report = id && (await reportCampaign(door, id));
    return report ? json(200, report) : problem("NotFound");
  });
