import { describe, expect, it } from "vitest";
import { judgeCredentials } from "../../../../cli/doctor/credentials.ts";
import type { PermissionsFile } from "../../../../cli/doctor/permissions-file.ts";
import type { Credential } from "../../../../shared/domain/application-credentials.ts";
import type { PrincipalId } from "../../../../shared/domain/ids.ts";

const PIPELINE = "ea000000-0000-4000-8000-00000000000a";
const ISSUER = "https://token.actions.githubusercontent.com";
const MAIN = "repo:contoso/zero-standing:environment:production";

type Listed = NonNullable<PermissionsFile["administrators"][number]["signsInBy"]>;
const judged = (credentials: readonly Credential[], signsInBy?: Listed, unread?: string): readonly string[] => {
  const listed = { principal: PIPELINE as PrincipalId, name: "pipeline", because: "deploys" };
  const administrators = [{ ...listed, ...(signsInBy && { signsInBy }) }];
  const file = { administrators } as unknown as PermissionsFile;
  const application = { principalId: PIPELINE.toUpperCase(), name: "pipeline", credentials, unread };
  return judgeCredentials([application], file).map(({ result, text }) => `${result}: ${text}`);
};
const federated = (changes: Partial<Credential> = {}): Credential => ({
  kind: "federated",
  name: "production",
  issuer: ISSUER,
  subject: MAIN,
  ...changes,
});
const listed: Listed = [{ issuer: ISSUER, subject: MAIN }];

describe("how an application that can take over is signed in as", () => {
  it("is well where every way is listed, to the letter", () => {
    expect(judged([federated()], listed)).toEqual([
      "fine: All ways to sign in as the application among them are listed.",
    ]);
  });

  it.each<[string, Partial<Credential>]>([
    ["another branch", { subject: "repo:contoso/zero-standing:ref:refs/heads/x" }],
    ["another repository", { subject: "repo:contoso/other:environment:production" }],
    ["other letters", { subject: MAIN.toUpperCase() }],
    ["another issuer", { issuer: `${ISSUER}.evil.example` }],
    ["an expression in place of a subject", { subject: undefined }],
  ])("is a fault for %s", (_name, changes) => {
    expect(judged([federated(), federated(changes)], listed)).toEqual([
      expect.stringMatching(
        /^fault: pipeline .* is signed in as by whoever .*, which infra\/permissions\.yaml does not/,
      ),
    ]);
  });

  it("is a fault for a secret or certificate, unless that is listed", () => {
    const secret: Credential = { kind: "secret", name: "old", endsAt: "2027-01-31T00:00:00.000Z" };
    const certificate: Credential = { kind: "certificate", name: "cert" };
    expect(judged([secret, certificate], listed)).toEqual([
      expect.stringContaining("whoever knows its secret old (until 2027-01-31), which"),
      expect.stringContaining("whoever knows its certificate cert, which"),
    ]);
    expect(judged([secret, certificate], [{ credential: "secret" }])).toHaveLength(1);
    expect(judged([secret], [{ credential: "secret" }])).toEqual([expect.stringMatching(/^fine: /)]);
    expect(judged([secret])).toHaveLength(1);
  });

  it("is never well where it could not be looked at", () => {
    expect(judged([], listed, "was not looked at.")).toEqual([
      `warning: How to sign in as pipeline (${PIPELINE.toUpperCase()}) was not looked at.`,
    ]);
  });
});
