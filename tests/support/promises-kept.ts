import { expect, it } from "vitest";
import { APPS } from "../../local/seed.ts";
import { recordProblem } from "../../shared/crypto/audit-chain.ts";
import type { AuditRecord } from "../../shared/domain/audit-event.ts";
import { validateExchange } from "./graph-contract.ts";
import type { DirectoryGrant, RunningApp } from "./running-app.ts";
import { jsonOf, storedRows } from "./stored-rows.ts";

/** Registers, as the last tests of a suite, what must hold of everything that happened in it. */
export function itKeptItsPromises(app: () => RunningApp): void {
  it("I8: everything it made active maps to exactly one intent, and back", async () => {
    expect(await unmappedGrants(app())).toEqual([]);
  });

  it("I9: the audit chains verify", async () => {
    expect(await brokenChains(app())).toEqual([]);
  });

  it("spoke to Microsoft Graph by its contract only", async () => {
    const exchanges = await app().exchanges();
    expect(exchanges.length).toBeGreaterThan(0);
    expect([...new Set(exchanges.flatMap(validateExchange))]).toEqual([]);
  });
}

/** What was granted by our app without an intent that was written before it, or twice on one. */
export async function unmappedGrants(app: RunningApp): Promise<readonly string[]> {
  const grants = (await app.grants()).filter(({ by }) => by.id === APPS.worker.objectId);
  const intents = (await app.audit()).filter(({ type }) => type === "GrantIntended");
  const rows = await storedRows(app.stack, "activations");
  const hasRow = ({ subject, data }: AuditRecord): boolean =>
    rows.some((row) => {
      if (row.partitionKey !== subject || row.rowKey !== `intent-${String(data["attempt"])}`) return false;
      const { body } = jsonOf(row) as { readonly body: string };
      return (JSON.parse(body) as { readonly activationId: string }).activationId === subject;
    });
  const problemOf = (grant: DirectoryGrant): string | undefined => {
    const [mark, activationId, hash] = (grant.justification ?? "").split(" ");
    const intent = intents.find((one) => one.subject === activationId && one.hash === hash);
    if (mark !== "ZS" || !intent || !hasRow(intent)) return `${grant.scheduleId} has no intent`;
    if (intent.at > grant.startsAt) return `${grant.scheduleId} was granted before its intent`;
    const { principalId, roleDefinitionId, directoryScopeId } = grant;
    const fits =
      intent.data["principalId"] === principalId &&
      intent.data["roleDefinitionId"] === roleDefinitionId &&
      intent.data["directoryScopeId"] === directoryScopeId;
    if (!fits) return `${grant.scheduleId} is not what was intended`;
    const twins = grants.filter(({ justification }) => justification === grant.justification);
    return twins.length === 1 ? undefined : `${grant.scheduleId} is one of ${twins.length} on one intent`;
  };
  return grants.map(problemOf).filter((problem) => problem !== undefined);
}

/** The first bad record of every chain. */
export async function brokenChains(app: RunningApp): Promise<readonly string[]> {
  const chains = Map.groupBy(await app.audit(), ({ subject }) => subject);
  return [...chains].flatMap(([subject, records]) => {
    const problems = records.map((record, index) => recordProblem(record, records[index - 1]));
    const first = problems.find((problem) => problem !== undefined);
    return first === undefined ? [] : [`${subject}: ${first}`];
  });
}
