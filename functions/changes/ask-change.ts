import type { InvocationContext } from "@azure/functions";
import { mayChange, type Change, type ChangeItem } from "../../shared/domain/change.ts";
import { refusal, type Refusal } from "../../shared/domain/reasons.ts";
import { MINUTE_MS, plus } from "../../shared/domain/time.ts";
import { byPerson, event } from "../activation/change.ts";
import type { Door } from "../door.ts";
import { newActivationId } from "../activities/handle-ticket-event.ts";
import type { CallingPerson } from "../http/person.ts";
import { changeSubject } from "./change-worker.ts";

/**
 * Writes down what somebody asks, then has it opened; or why not, where nothing may be changed but the policy. What starts
 * the orchestration is a row: where the bell is lost, `ringDue` rings again.
 */
export async function askChange(
  door: Door,
  context: InvocationContext,
  { person, account }: CallingPerson,
  asked: { readonly because: string; readonly body: Change["body"]; readonly items: readonly ChangeItem[] },
): Promise<{ readonly change: Change } | { readonly refusal: Refusal }> {
  const { because, body, items } = asked;
  if (!mayChange(door.policies.policy, body)) return { refusal: refusal("ObserveOnly") };
  const askedAt = door.clock.now();
  const change: Change = { id: newActivationId(), askedBy: person.key, account, askedAt, because, body };
  const { id } = change;
  const dueAt = plus(askedAt, MINUTE_MS);
  await door.store.ask({ activationId: id, key: "change", createdAt: askedAt, dueAt, body: { kind: "change" } });
  await door.changes.ask(change, items);
  const requested = event("ChangeRequested", askedAt, { body, items: items.length }, byPerson(person.key, account));
  await door.audit.append(changeSubject(id), "requested", requested);
  try {
    await door.gatewayOf(context).change(id);
  } catch (error) {
    door.log("warn", "bell lost", { changeId: id, message: error instanceof Error ? error.message : "unknown" });
  }
  return { change };
}
