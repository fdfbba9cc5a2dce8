import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly uses?: string;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: object;
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const PROJECT = resolve(import.meta.dirname, "../../..");
const FOLDER = join(PROJECT, ".github/workflows");
const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(join(FOLDER, name), "utf8");
  return { name, text, content: parse(text) as Workflow };
});
const jobs = workflows.flatMap(({ name, content }) =>
  Object.entries(content.jobs).map(([job, content]) => ({ name: `${name} ${job}`, job: content })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));
const PINNED = /^[\w-]+\/[\w./-]+@([0-9a-f]{40})$/;

describe("the workflows", () => {
  it("are those for checks, the package, its deployment and the nights", () => {
    expect(workflows.map(({ name }) => name).toSorted()).toEqual([
      "check.yml",
      "deploy.yml",
      "nightly.yml",
      "package.yml",
    ]);
  });

  it.each(workflows)("$name takes every action by its full commit, with the version beside it", ({ text }) => {
    const lines = text.split("\n").filter((line) => /^\s*-?\s*uses:/.test(line));
    expect(lines).not.toEqual([]);
    for (const line of lines) {
      const [, used = "", version = ""] = /uses:\s*(\S+)(?:\s+#\s*(v\d+\.\d+\.\d+))?\s*$/.exec(line) ?? [];
      if (used.startsWith("./")) expect(existsSync(join(PROJECT, used))).toBe(true);
      else expect([used, version]).toEqual([expect.stringMatching(PINNED), expect.stringMatching(/^v/)]);
    }
  });

  it("take the same commit of an action everywhere", () => {
    const pins = steps.flatMap(({ step }) => step.uses ?? []);
    expect(new Set(pins).size).toBe(new Set(pins.map((pin) => pin.split("@")[0])).size);
  });

  it.each(workflows)("$name gives no permission but to a job that names it", ({ content }) => {
    expect(content.permissions).toEqual({});
    for (const job of Object.values(content.jobs)) expect(job.permissions).toBeDefined();
  });

  it("may write nothing but tokens for signing in and attestations, and only where it is needed", () => {
    const writes = jobs.flatMap(({ name, job }) =>
      Object.entries(job.permissions ?? {})
        .filter(([, access]) => access !== "read" && access !== "none")
        .map(([permission, access]) => `${name}: ${permission} ${access}`),
    );
    expect(writes.toSorted()).toEqual([
      "deploy.yml deploy: id-token write",
      "deploy.yml package: attestations write",
      "deploy.yml package: id-token write",
      "package.yml attest: attestations write",
      "package.yml attest: id-token write",
    ]);
  });

  it("hold no secret: Azure is entered with ids and a token of the run", () => {
    for (const { text } of workflows) expect(text).not.toMatch(/secrets[.[:]|password|creds:/i);
    const logins = steps.filter(({ step }) => step.uses?.startsWith("azure/login@"));
    expect(logins.map(({ name }) => name)).toEqual(["deploy.yml deploy"]);
    for (const { step } of logins)
      expect(step.with).toEqual({
        "client-id": "${{ vars.AZURE_CLIENT_ID }}",
        "tenant-id": "${{ vars.AZURE_TENANT_ID }}",
        "subscription-id": "${{ vars.AZURE_SUBSCRIPTION_ID }}",
      });
  });

  it("enter Azure only in an environment, which somebody approves", () => {
    const entering = jobs.filter(({ job }) => job.steps?.some(({ uses }) => uses?.startsWith("azure/login@")));
    expect(entering.map(({ job }) => job.environment)).toEqual(["${{ inputs.environment }}"]);
  });

  it("put no expression into a script, and leave no token in the checked-out folder", () => {
    for (const { step } of steps) expect(step.run ?? "").not.toContain("${{");
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts).not.toEqual([]);
    for (const { step } of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
  });

  it("never run a stranger's code with our rights", () => {
    for (const { content } of workflows) expect(Object.keys(content.on)).not.toContain("pull_request_target");
  });
});

describe("Dependabot", () => {
  it("watches the packages and the actions", () => {
    const { updates } = parse(readFileSync(join(PROJECT, ".github/dependabot.yml"), "utf8")) as {
      readonly updates: readonly { readonly "package-ecosystem": string }[];
    };
    expect(updates.map((update) => update["package-ecosystem"]).toSorted()).toEqual(["github-actions", "npm"]);
  });
});
