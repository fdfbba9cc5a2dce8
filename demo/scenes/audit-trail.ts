import { recordLines, verifyChains, type AuditRecord } from "../audit-chain.ts";
import type { Scene } from "../scene.ts";
import type { Story } from "../story.ts";
import { MINUTE_MS, type World } from "../world.ts";
import { zsAuditVerify } from "../zs.ts";

export const auditTrail: Scene = {
  id: "audit-trail",
  title: "15. The auditor trusts nobody",
  intro:
    "Dev exports the whole audit trail. The auditor, Jonas Weil, verifies it offline with `zs audit verify` and with forty lines of his own, and compares it with what the directory itself says.",
  async play(world, story) {
    await world.advance(10 * MINUTE_MS);
    const keyId = await world.checkpointKeyId();
    const trail = await world.exportAudit();
    const report = verifyChains(trail);
    const verify = (text: string) => zsAuditVerify(text, world.stack.dataDirectory, keyId);
    const zs = await verify(trail);
    story.step("Every ten minutes a checkpoint was signed. Dev exports the trail of all scenes (GET /api/audit).");
    story.show("zs", `npm run -s zs -- audit verify --key-id=${keyId} audit.jsonl`, ...zs.lines);
    story.show("Auditor", `${report.records} records in ${report.chains} chains, ${report.firstBad ?? "all good"}`);
    story.promise(
      "verifies",
      "Every record matches its hash and follows the one before it; every grant has its intent and its end. Both programs say so.",
      zs.exitCode === 0 && report.records > 0 && report.firstBad === undefined,
      { zs, report },
    );
    await tamper(story, trail, verify);
    await cutOff(story, trail, verify);
    await compare(world, story, recordsIn(trail));
  },
};

type Verify = (trail: string) => ReturnType<typeof zsAuditVerify>;

const recordsIn = (trail: string): readonly AuditRecord[] =>
  recordLines(trail).map((line) => JSON.parse(line) as AuditRecord);

async function tamper(story: Story, trail: string, verify: Verify): Promise<void> {
  const lines = trail.split("\n").filter(Boolean);
  const place = lines.findIndex((line) => line.includes('"DecisionRecorded"') && line.includes('"approve"'));
  const { subject } = JSON.parse(lines[place] ?? "{}") as AuditRecord;
  story.step("On a copy somebody turns one “approve” into “deny”, and on another copy cuts that record out.");
  const changed = lines.with(place, (lines[place] ?? "").replace('"approve"', '"deny"'));
  for (const [name, copy] of [
    ["changed", changed],
    ["cut", lines.toSpliced(place, 1)],
  ] as const) {
    const text = `${copy.join("\n")}\n`;
    const { firstBad } = verifyChains(text);
    const zs = await verify(text);
    story.show("Auditor", firstBad ?? "nothing found");
    story.promise(
      name,
      `The ${name} record is found and named, by both programs.`,
      firstBad?.startsWith(subject) === true && zs.exitCode === 1 && zs.lines.join(" ").includes(subject),
      { firstBad, zs },
    );
  }
}

async function cutOff(story: Story, trail: string, verify: Verify): Promise<void> {
  const subject = recordsIn(trail).findLast(({ type }) => type === "RoleEnded")?.subject ?? "";
  const lines = trail.split("\n");
  const last = lines.findLastIndex((line) => line.includes(`"subject":"${subject}"`));
  const copy = lines.toSpliced(last, 1).join("\n");
  const whole = verifyChains(copy).firstBad === undefined;
  const zs = await verify(copy);
  story.step("On a third copy the last record of a chain is missing: what is left fits together.");
  story.show("zs", ...zs.lines.slice(-1));
  story.promise(
    "cut-off",
    "The chains alone do not show it. A checkpoint does: it was signed when the record was there.",
    whole && zs.exitCode === 1 && zs.lines.join(" ").includes("the chain ends here, but checkpoint"),
    zs,
  );
}

async function compare(world: World, story: Story, records: readonly AuditRecord[]): Promise<void> {
  story.step("Jonas compares the trail with the directory's own record of who held what.");
  const grants = await world.allGrants();
  const intended = new Set(records.filter(({ type }) => type === "GrantIntended").map(({ subject }) => subject));
  const unknown = grants.filter(({ justification }) => ![...intended].some((id) => justification?.includes(id)));
  story.show("Compare", `${grants.length} grants in the directory, ${intended.size} intents in the trail`);
  story.promise(
    "both-ways",
    "Each grant of the directory belongs to one recorded intent, and each intent to one grant.",
    grants.length > 0 && unknown.length === 0 && intended.size === grants.length,
    { grants, intended: [...intended] },
  );
  const live = grants.filter(({ ended }) => ended === null);
  story.promise(
    "zero-standing",
    "At the end of the day nobody holds a role that this system gave.",
    live.length === 0,
    live,
  );
}
