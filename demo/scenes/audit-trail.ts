import { verifyChains, type AuditRecord } from "../audit-chain.ts";
import type { Scene } from "../scene.ts";

export const auditTrail: Scene = {
  id: "audit-trail",
  title: "9. The auditor trusts nobody",
  intro:
    "Dev exports the whole audit trail. An auditor verifies it with a program of his own, and compares it with what the directory itself says.",
  async play(world, story) {
    const trail = await world.exportAudit();
    const report = verifyChains(trail);
    story.step("GET /api/audit: every record of every scene.");
    story.show("Export", `${report.records} records in ${report.chains} chains`);
    story.promise(
      "verifies",
      "Every record matches its hash and follows the one before it.",
      report.records > 0 && report.firstBad === undefined,
      report,
    );

    const lines = trail.split("\n").filter(Boolean);
    const records = lines.map((line) => JSON.parse(line) as AuditRecord);
    const place = records.findIndex(({ type }) => type === "DecisionRecorded");
    story.step("He changes one word in one record, and then cuts a record out.");
    const changed = verifyChains(lines.with(place, (lines[place] ?? "").replace('"approve"', '"deny"')).join("\n"));
    const cut = verifyChains(lines.toSpliced(place, 1).join("\n"));
    story.show("Verify", changed.firstBad ?? "nothing found", cut.firstBad ?? "nothing found");
    const named = records[place]?.subject ?? "?";
    story.promise(
      "tampering",
      "The verification finds both, and names the record.",
      [changed, cut].every(({ firstBad }) => firstBad?.startsWith(named) === true),
      { changed, cut },
    );

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
      "nobody",
      "At the end of the day nobody holds a role that this system gave: zero standing.",
      live.length === 0,
      live,
    );
  },
};
