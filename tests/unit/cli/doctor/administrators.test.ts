import { describe, expect, it } from "vitest";
import { judgeAdministrators, type Power } from "../../../../cli/doctor/administrators.ts";
import type { PermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";

const ADA = "a0000000-0000-4000-8000-000000000001";

const power = (changes: Partial<Power> = {}): Power => ({
  principalId: ADA,
  name: "Ada Byron",
  kind: "user",
  can: "holds Global Administrator",
  eligible: false,
  remove: "take it away in Entra",
  ...changes,
});
const eligible = power({ can: "is eligible for Global Administrator", eligible: true, remove: "end the eligibility" });

const judged = (powers: readonly Power[], entry?: Partial<PermissionsFile["administrators"][number]>) => {
  const listed = { principal: ADA as PrincipalId, name: "Ada Byron", because: "the way back" };
  const administrators = entry ? [{ ...listed, ...entry }] : [];
  const { shown, results } = judgeAdministrators(powers, { administrators } as unknown as PermissionsFile);
  return { shown, results: results.map(({ result, text, next }) => `${result}: ${text} ${next}`) };
};

describe("who can take the apps over, against the file", () => {
  it("is a fault for somebody who is not listed, with every way and how to end it", () => {
    expect(judged([power(), eligible]).results).toEqual([
      `fault: Ada Byron (${ADA}) is not listed and holds Global Administrator; is eligible for Global Administrator. take it away in Entra; end the eligibility; or list ${ADA} under administrators in infra/permissions.yaml, with the reason.`,
    ]);
  });

  it("offers to list somebody for what has to be activated, where that is all", () => {
    expect(judged([eligible]).results).toEqual([
      expect.stringMatching(/or list .* with the reason and only: eligible\.$/),
    ]);
  });

  it("is well for somebody who is listed, whatever they can", () => {
    expect(judged([power(), eligible], {}).results).toEqual(["fine: All 1 who can take over the apps are listed. "]);
  });

  it("lets who is listed as eligible only have nothing in force", () => {
    expect(judged([eligible], { only: "eligible" }).results).toEqual([expect.stringMatching(/^fine: /)]);
    expect(judged([eligible, power()], { only: "eligible" }).results).toEqual([
      `fault: Ada Byron (${ADA}) is listed for what has to be activated only (only: eligible), and holds Global Administrator. take it away in Entra; or take only: eligible away from ${ADA} in infra/permissions.yaml, with the reason.`,
    ]);
  });

  it("lets who is listed for messages send them, and do nothing else", () => {
    const sends = power({ can: "can send messages as any system (Sender at /bus)", messages: true });
    expect(judged([sends]).results).toEqual([expect.stringMatching(/with the reason and only: messages\.$/)]);
    expect(judged([sends], { only: "messages" }).results).toEqual([expect.stringMatching(/^fine: /)]);
    expect(judged([sends, power()], { only: "messages" }).results).toEqual([
      expect.stringMatching(
        / is listed for sending messages only \(only: messages\), and holds Global Administrator\. /,
      ),
    ]);
    expect(judged([eligible], { only: "messages" }).results).toHaveLength(1);
  });

  it("knows a principal by its id in any letters, and names it once", () => {
    const { shown } = judged([power(), power({ principalId: ADA.toUpperCase(), name: ADA, can: "owns it" })], {});
    expect(shown).toEqual([
      {
        principalId: ADA,
        name: "Ada Byron",
        kind: "user",
        can: ["holds Global Administrator", "owns it"],
        because: "the way back",
      },
    ]);
  });
});
