import type { Stack } from "../local/stack/stack.ts";
import { AppVisitor } from "../local/testing/app-visitor.ts";
import { newestLink, openChange } from "./activations.ts";

/** One activation with a step-up, one approval, the grant, and an end that a person asks for. */
export interface Flow {
  /** Records in the audit table that an activation leaves, at least. */
  readonly auditRecords: number;
  /** From the ticket to the active role. */
  activate(): Promise<Activation>;
}

export interface Activation {
  readonly ticket: string;
  /** The activation in the audit table, by what the grant carries. */
  auditPartition(justification: string): string;
  end(): Promise<void>;
}

/** Messages that wake an orchestration in this flow: of the step-up, the decision and the end. */
export const BELLS = 3;

const REQUESTER = "ada.byron";
const APPROVER = "cora.lindt";

/** The product, through its pages. */
export const productFlow = (stack: Stack): Flow => ({
  auditRecords: 6,
  async activate() {
    const ticket = await openChange(stack, REQUESTER, true);
    const requester = new AppVisitor(`adm-${REQUESTER}@contoso.example`);
    await requester.choose(await requester.open(await newestLink(stack, REQUESTER)), "confirm");
    await stack.settle();
    const approver = new AppVisitor(`${APPROVER}@contoso.example`);
    const page = await approver.decide(await newestLink(stack, APPROVER), "approve");
    await stack.settle();
    return {
      ticket,
      auditPartition: (justification) => justification.split(" ")[1] ?? "",
      end: async () => {
        await approver.choose(await approver.open(page.url), "end");
        await stack.settle();
      },
    };
  },
});
