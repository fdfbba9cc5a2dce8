import { describe, expect, it } from "vitest";
import { ACCOUNTS, ROLES } from "../../local/seed.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { HUGO_EXCHANGE, MINUTE_MS, RunningApp, type DirectoryGrant } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, overwriteRow, storedRows } from "../support/stored-rows.ts";

describe("I5: ending one grant never cuts another", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());

  it("rows edited to name a break-glass account do not get its role removed", async () => {
    const [victim] = ((await stack().call("graph", "grants")) as readonly DirectoryGrant[]).filter(
      ({ principalId, ended }) => principalId === ACCOUNTS.breakGlass1 && ended === null,
    );
    if (!victim) throw new Error("the break-glass account holds nothing");
    const ticket = await app().hold(HUGO_EXCHANGE);
    const { id } = await app().activation(ticket);
    await stack().clock.advance(6 * MINUTE_MS);
    await edit(id, "claim", (claim) => ({
      ...claim,
      principalId: ACCOUNTS.breakGlass1,
      roleDefinitionId: ROLES.globalAdministrator[0],
      directoryScopeId: "/",
    }));
    const past = new Date(stack().clock.now() - 10 * MINUTE_MS).toISOString();
    await edit(id, "state", (row) => ({
      ...row,
      state: { ...(row["state"] as object), assignmentScheduleId: victim.scheduleId, startsAt: past, endAt: past },
    }));
    await app().ring(id);
    await stack().settle();
    await stack().clock.advance(90 * MINUTE_MS);
    const after = (await stack().call("graph", "grants")) as readonly DirectoryGrant[];
    expect(after.find(({ scheduleId }) => scheduleId === victim.scheduleId)).toMatchObject({ ended: null });
  });

  async function edit(
    id: string,
    rowKey: string,
    change: (value: Readonly<Record<string, unknown>>) => object,
  ): Promise<void> {
    const row = (await storedRows(stack(), "activations", id)).find((one) => one.rowKey === rowKey);
    if (!row) throw new Error(`activation ${id} has no ${rowKey}`);
    const value = change(jsonOf(row) as Readonly<Record<string, unknown>>);
    const { status } = row as { readonly status?: string };
    await overwriteRow(stack(), "activations", {
      partitionKey: id,
      rowKey,
      ...(status === undefined ? {} : { status }),
      json: JSON.stringify(value),
    });
  }

  itKeptItsPromises(app);
});
