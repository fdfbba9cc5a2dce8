import type { InvocationContext } from "@azure/functions";
import { isWithdrawable, type Change } from "../../shared/domain/change.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { ChangeRecord } from "../../shared/ports/change-store.ts";
import type { Door } from "../door.ts";
import { ask } from "../front/ask.ts";
import { changeStateOf } from "./change-state.ts";

/** Whether the person may take back what they asked for: nobody else's, and only before the work began. */
export const mayWithdraw = (record: ChangeRecord, person: Person): boolean =>
  record.change.askedBy === person.key && isWithdrawable(changeStateOf(record));

/** Writes down that who asked takes it back. The row carries no seal: it only stops. Asking again changes nothing. */
export const askWithdrawal = (
  door: Pick<Door, "clock" | "store" | "gatewayOf" | "log">,
  context: InvocationContext,
  { id }: Change,
  { person, account }: { readonly person: Person; readonly account: PrincipalId },
): Promise<void> =>
  ask(door, context, id, "withdraw", { kind: "stop", how: "withdraw", person: person.key, account }, (gateway) =>
    gateway.change(id),
  );
