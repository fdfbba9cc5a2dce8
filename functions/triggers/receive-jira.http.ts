import { isSharedSecret, isSignedByJira } from "../../shared/crypto/webhook-signature.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { jiraAutomationDelivery, jiraDelivery } from "../../shared/contracts/jira-delivery.ts";
import type { JiraHook } from "../../shared/config/settings.ts";
import type { Door } from "../door.ts";
import { parseJson } from "../http/read-body.ts";
import { receiveWebhook, type Delivery } from "./receive-webhook.ts";

/** `POST /api/webhooks/jira`: signed admin webhooks, and Jira Automation with its secret header. Without settings nothing is authentic. */
export const receiveJira = (door: Door, settings: JiraHook | undefined) =>
  receiveWebhook(door, "jira", (request, body) => {
    if (!settings) return undefined;
    if (isSignedByJira(request.headers.get("x-hub-signature"), body, settings.webhookSecrets.reveal())) {
      const id = request.headers.get("x-atlassian-webhook-identifier");
      const parsed = jiraDelivery.safeParse(parseJson(body));
      return id && parsed.success ? deliveryOf(id, parsed.data.issue.key) : undefined;
    }
    const automation = settings.automationSecrets?.reveal() ?? [];
    if (!isSharedSecret(request.headers.get("x-automation-secret"), automation)) return undefined;
    const parsed = jiraAutomationDelivery.safeParse(parseJson(body));
    if (!parsed.success) return undefined;
    const { issueKey, updated, ruleId } = parsed.data;
    return deliveryOf(sha256Hex(`${issueKey} ${updated} ${ruleId}`), issueKey);
  });

const deliveryOf = (id: string, key: string): Delivery => ({ id, ticket: { system: "jira", number: key } });
