import { dailyId } from "../../local/seed.ts";
import type { Stack } from "../../local/stack/stack.ts";
import type { CampaignReport } from "../../shared/contracts/review.ts";
import { killOnce, requestsOf, type SeenRequest } from "./kill-at.ts";
import { FIRST_DAY } from "./reviewed-policy.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const IDENTITY_TEAM = 4;

/** What Graph is asked for at a step of a campaign; the host is killed once that was so often. */
export interface KillAt {
  readonly step: "population" | "mail" | "removal";
  readonly nth: number;
}

const STEPS: Readonly<Record<KillAt["step"], (request: SeenRequest) => boolean>> = {
  population: ({ path }) => path.includes("roleEligibilityScheduleInstances") && path.includes("expand=principal"),
  mail: ({ path, requestBody }) => path.endsWith("/sendMail") && requestBody.includes("Access review"),
  removal: ({ method, path, requestBody }) =>
    method === "POST" && path.endsWith("/roleEligibilityScheduleRequests") && requestBody.includes("ZS change"),
};

/** What is left of a campaign in which nobody answered. */
export interface CampaignEnd {
  readonly status: string;
  readonly items: readonly string[];
  /** Removals that the directory carried out. */
  readonly removed: number;
  readonly opened: number;
}

/**
 * A campaign from its first day to its report, in which nobody answers. The host is killed with `SIGKILL` once Graph was
 * asked for what `kill` names, and is started again. @throws Error when it never was killed
 */
export async function wholeCampaign(stack: Stack, kill?: KillAt): Promise<CampaignEnd> {
  await stack.call("graph", "clearExchanges");
  const killing = kill && killOnce(stack, STEPS[kill.step], kill.nth);
  const go = async (ms: number): Promise<void> => {
    await stack.clock.advance(ms).catch(() => undefined); // the host may die under it
    await stack.settle().catch(() => undefined);
    await killing?.revive();
  };
  await go(Date.parse(FIRST_DAY) - stack.clock.now() - HOUR_MS);
  for (let hours = 0; hours < 5; hours += 1) await go(HOUR_MS);
  for (let days = 0; days < 16; days += 2) await go(2 * DAY_MS);
  for (let hours = 0; hours < 3; hours += 1) await go(HOUR_MS);
  await killing?.over();
  return endOf(stack);
}

async function endOf(stack: Stack): Promise<CampaignEnd> {
  const token = (await stack.call("login", "mint", { oid: dailyId(IDENTITY_TEAM) })) as string;
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(new URL(path, stack.addresses.app), { headers: { authorization: `Bearer ${token}` } });
    return answer.json();
  };
  const { campaigns } = (await ask("/api/reviews")) as { readonly campaigns: readonly { readonly id: string }[] };
  const report = (await ask(`/api/reviews/${campaigns[0]?.id ?? ""}`)) as CampaignReport;
  const requests = await requestsOf(stack);
  return {
    status: [report.status, ...report.reviews.map(({ status }) => status)].join(),
    items: report.items.map(({ role, holder, verdict, done }) => `${role} ${holder} ${verdict} ${done}`).toSorted(),
    removed: requests.filter((one) => STEPS.removal(one) && one.status === 201).length,
    opened: campaigns.length,
  };
}
