import { isSharedSecret, isSignedByJira, type Secrets } from "../../shared/crypto/webhook-signature.ts";
import { sha256Hex } from "../../shared/crypto/digest.ts";
import { jiraAutomationDelivery, jiraDelivery } from "../../shared/contracts/jira-delivery.ts";
import type { Door } from "../door.ts";
import { parseJson } from "../http/read-body.ts";
import { receiveWebhook, type Delivery } from "./receive-webhook.ts";

export interface JiraWebhookSecrets {
  readonly webhook: Secrets;
  readonly automation: Secrets;
}

/** `POST /api/webhooks/jira`: signed admin webhooks, and Jira Automation with its secret header. */
export const receiveJira = (door: Door, secrets: JiraWebhookSecrets) =>
  receiveWebhook(door, "jira", (request, body) => {
    if (isSignedByJira(request.headers.get("x-hub-signature"), body, secrets.webhook)) {
      const id = request.headers.get("x-atlassian-webhook-identifier");
      const parsed = jiraDelivery.safeParse(parseJson(body));
      return id && parsed.success ? deliveryOf(id, parsed.data.issue.key) : undefined;
    }
    if (!isSharedSecret(request.headers.get("x-automation-secret"), secrets.automation)) return undefined;
    const parsed = jiraAutomationDelivery.safeParse(parseJson(body));
    if (!parsed.success) return undefined;
    const { issueKey, updated, ruleId } = parsed.data;
    return deliveryOf(sha256Hex(`${issueKey} ${updated} ${ruleId}`), issueKey);
  });

const deliveryOf = (id: string, key: string): Delivery => ({ id, ticket: { system: "jira", number: key } });
