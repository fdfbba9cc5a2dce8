import { needs, type Directory, type GraphApp } from "./graph-app.ts";
import { answerList, answerOne, type EntitySet } from "./odata-query.ts";
import type { Entity } from "./facts.ts";

const AUDITS: EntitySet = {
  type: "directoryAudit",
  filterable: [
    "activityDateTime",
    "activityDisplayName",
    "category",
    "correlationId",
    "loggedByService",
    "initiatedBy/user/id",
    "initiatedBy/user/userPrincipalName",
    "initiatedBy/app/appId",
    "initiatedBy/app/displayName",
    "targetResources",
  ],
  orderable: ["activityDateTime"],
  maximumTop: 1_000,
};

const SIGN_INS: EntitySet = {
  type: "signIn",
  filterable: ["userId", "createdDateTime", "userPrincipalName", "appId"],
  orderable: ["createdDateTime"],
  maximumTop: 1_000,
};

/** The audit log, newest first. What happened less than the ingest lag ago is not in it yet. */
export function mountAudits(graph: GraphApp, directory: Directory): void {
  const read = needs("AuditLog.Read.All");
  const ingested = (): Entity[] => {
    const until = Date.now() - directory.state.settings.auditLagMs;
    return [...directory.state.audits.all()]
      .filter(({ activityDateTime }) => Date.parse(activityDateTime) <= until)
      .toSorted((a, b) => b.activityDateTime.localeCompare(a.activityDateTime));
  };
  graph.get("/auditLogs/directoryAudits", read, (c) => answerList(c, directory, AUDITS, ingested()));
  graph.get("/auditLogs/signIns", read, (c) =>
    answerList(c, directory, SIGN_INS, [...directory.state.signIns.all()].toReversed()),
  );
  graph.get("/auditLogs/directoryAudits/:id", read, (c) => {
    const id = c.req.param("id");
    return answerOne(c, directory, AUDITS, ingested().find((audit) => audit["id"] === id), id); // prettier-ignore
  });
}
