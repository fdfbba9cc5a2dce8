import { randomUUID } from "node:crypto";
import { ACCOUNTS, adminId, ROLES } from "../local/seed.ts";
import type { Stack } from "../local/stack/stack.ts";
import { openChange } from "./activations.ts";
import type { Flow } from "./flow.ts";

/** The app in `baseline/`: the same tickets, mails, pages looked at and bells, without any sign-in. */
export const baselineFlow = (stack: Stack): Flow => ({
  auditRecords: 20,
  async activate() {
    const ticket = await openChange(stack, "ada.byron", false);
    const id = randomUUID();
    const at = `${stack.addresses.app}/api/activations/${id}`;
    const visit = async (event: string): Promise<void> => {
      await expectOk(fetch(at)); // the page before the choice, and the one after it
      await expectOk(fetch(`${at}/${event}`, { method: "POST" }));
      await expectOk(fetch(at));
      await stack.settle();
    };
    await expectOk(fetch(at, { method: "POST", body: JSON.stringify(requestFor(stack, ticket)) }));
    await stack.settle();
    await visit("SteppedUp");
    await visit("Decided");
    return { ticket, auditPartition: () => id, end: () => visit("EndAsked") };
  },
});

const requestFor = ({ addresses }: Stack, ticket: string): object => ({
  ticket,
  graph: addresses.graph,
  servicenow: addresses.servicenow,
  mailSender: ACCOUNTS.mailSender,
  requester: "ada.byron@contoso.example",
  approver: "cora.lindt@contoso.example",
  principalId: adminId(1),
  roleDefinitionId: ROLES.globalAdministrator[0],
});

async function expectOk(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  const text = await response.text();
  if (!response.ok) throw new Error(`${new URL(response.url).pathname} answered ${response.status}: ${text}`);
}
