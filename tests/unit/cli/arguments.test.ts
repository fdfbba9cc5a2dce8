import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../cli/catalog.ts";
import { runZs } from "../../support/run-zs.ts";

const ID = "0123456789abcdef0123456789abcdef";
const SETTINGS = { ZS_API_URL: "http://127.0.0.1:9", ZS_ACCESS_TOKEN: "token" };
const REQUEST = ["request", "Exchange Administrator"];
const TICKET = ["--ticket", "servicenow:CHG0030192"];
const BECAUSE = ["--because", "Move the mailboxes"];
const ELIGIBILITY = ["eligibility", "add", "Exchange Administrator", "--for", "hugo.brandt", ...BECAUSE];

const MISTAKES: readonly (readonly [readonly string[], string])[] = [
  [[], "name a command"],
  [["frobnicate"], 'there is no command "frobnicate"'],
  [["help", "frobnicate"], 'there is no command "frobnicate"'],
  [["audit"], "zs audit needs a command: export, verify"],
  [["audit", "burn"], 'there is no command "audit burn"'],
  [["list", "--colour"], "Unknown option '--colour'"],
  [["--colour", "list"], "Unknown option '--colour'"],
  [["list", "all"], '"all" is one word too many'],
  [["queue"], "zs queue needs a command: rejected, dead-letters"],
  [["queue", "rejected"], "zs queue rejected needs a command: list, show, resubmit, discard"],
  [["queue", "burn"], 'there is no command "queue burn"'],
  [["queue", "rejected", "burn"], 'there is no command "queue rejected burn"'],
  [["queue", "rejected", "list", "all"], '"all" is one word too many'],
  [["queue", "rejected", "list", "--after", "17"], '--after: "17" is not the id of a message'],
  [["queue", "dead-letters", "show"], "ID is missing"],
  [["queue", "dead-letters", "discard", "ticket-events.4/resubmit"], "is not the id of a message"],
  [["queue", "rejected", "resubmit", "../freeze"], "is not the id of a message"],
  [["show"], "ID is missing"],
  [["show", "CHG0030192"], '"CHG0030192" is not the id of an activation'],
  [["show", `${ID}/end`], "is not the id of an activation"],
  [["show", ID, ID], "is one word too many"],
  [["policy", "undo", "x", "--because", "the baseline"], '"x" is not the id of a change (32 hexadecimal digits)'],
  [["review", "show", "x"], '"x" is not the id of a campaign'],
  [["withdraw", "x"], '"x" is not the id of a change'],
  [["policy", "apply", "--execute"], "--because is missing"],
  [["end", ID.toUpperCase()], "is not the id of an activation"],
  [["approve", ID, "--because", "yes"], "Unknown option '--because'"],
  [["list", "--json=yes"], "'--json' does not take an argument"],
  [["freeze"], "--because TEXT is missing"],
  [["freeze", "--because"], "'--because <value>' argument missing"],
  [["freeze", "--because", " "], "--because is empty"],
  [["freeze", "--because", "attack", "--because", "again"], "--because is given twice"],
  [[...REQUEST, "--for", "2h", ...BECAUSE], "--ticket SYSTEM:NUMBER is missing"],
  [[...REQUEST, ...TICKET, ...BECAUSE], "--for DURATION is missing"],
  [[...REQUEST, ...TICKET, "--for", "2h"], "--because TEXT is missing"],
  [["request", ...TICKET, "--for", "2h", ...BECAUSE], "ROLE is missing"],
  [
    ["request", "Exchange", "Administrator", ...TICKET, "--for", "2h", ...BECAUSE],
    '"Administrator" is one word too many',
  ],
  [[...REQUEST, "--ticket", "CHG0030192", "--for", "2h", ...BECAUSE], "--ticket must be SYSTEM:NUMBER"],
  [[...REQUEST, "--ticket", "remedy:CHG0030192", "--for", "2h", ...BECAUSE], "--ticket: "],
  [[...REQUEST, "--ticket", "jira:ops 142", "--for", "2h", ...BECAUSE], "--ticket: must be a ticket number"],
  [[...REQUEST, ...TICKET, "--for", "2", ...BECAUSE], "--for must be a duration"],
  [[...REQUEST, ...TICKET, "--for", "0h", ...BECAUSE], "--for must be a duration"],
  [[...REQUEST, ...TICKET, "--for", "P1M", ...BECAUSE], "--for must be a duration"],
  [[...REQUEST, ...TICKET, "--for", "2h", "--because", "short"], "--because: "],
  [[...REQUEST, ...TICKET, "--for", "2h", ...BECAUSE, "--scope", "/users"], "--scope: must be /"],
  [[...REQUEST, ...TICKET, "--for", "2h", ...BECAUSE, "--account", "ada"], "--account: must be an object id"],
  [[...REQUEST, ...TICKET, "--for", "2h", ...BECAUSE, "--key", "again"], "--key must be"],
  [[...ELIGIBILITY, "--days", "1e2"], "--days must be a whole number from 1 to 365"],
  [[...ELIGIBILITY, "--days", " 30"], "--days must be a whole number"],
  [["standing", "apply", "plan.yaml", "--wave", "0x1"], "--wave must be a whole number from 1 to 4"],
  [["standing", "apply", "missing.yaml", "--wave", "1"], "missing.yaml cannot be read"],
  [["policy", "simulate", "roles.yaml", "--last", "1e3"], "--last must be a whole number from 1 to 1000"],
  [["audit", "export", "--from", "yesterday"], "--from must be a time"],
  [["audit", "export", "--from", "2026-11-02", "--to", "2026-11-01"], "--from must not be after --to"],
  [["audit", "verify"], "FILE is missing"],
  [["audit", "verify", "missing.jsonl"], "missing.jsonl cannot be read"],
  [["audit", "verify", "missing.jsonl", "--key-id", `-${"A".repeat(42)}`], "missing.jsonl cannot be read"],
  [["audit", "verify", "audit.jsonl", "--keys", "missing.json"], "missing.json cannot be read"],
  [["audit", "verify", "missing.jsonl", "--key-id", "--partial"], "'--key-id"],
  [["audit", "verify", "--", "--key-id", "-k"], "--key-id cannot be read"],
];

describe("zs", () => {
  it.each(MISTAKES)(
    "answers wrong usage with exit code 2 and one line that names the mistake: zs %j",
    async (words, mistake) => {
      const { exitCode, stdout, stderr } = await runZs(words, { env: SETTINGS });
      expect(stderr).toContain(mistake);
      expect(stderr).toMatch(/^zs: [^\n]+\n$/);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    },
  );

  it("says errors as one JSON object where JSON is asked for", async () => {
    const { exitCode, stderr } = await runZs(["--json", "show", "x"]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: "WrongUsage", exitCode: 2, message: expect.stringContaining('"x" is not the id') as string },
    });
  });

  it("escapes what a terminal would obey in the words that it repeats", async () => {
    const { stderr } = await runZs(["show", "\u001b[2J\u202e"]);
    expect(stderr).toContain(String.raw`"\u{1b}[2J\u{202e}" is not the id`);
  });

  it.each([["--help"], ["-h"], ["help"]])("lists every command and the exit codes: zs %s", async (word) => {
    const { exitCode, stdout } = await runZs([word]);
    expect(exitCode).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${escapeRegExp(summary)}$`, "m"));
    for (const code of [0, 1, 2, 3, 4, 5]) expect(stdout).toMatch(new RegExp(`^  ${code}  `, "m"));
  });

  it.each(COMMANDS.map(({ name, options }) => [name, Object.keys(options)] as const))(
    "explains %s without asking for its arguments",
    async (name, options) => {
      const { exitCode, stdout } = await runZs([...name.split(" "), "--help"]);
      expect(exitCode).toBe(0);
      for (const option of ["json", ...options]) expect(stdout).toContain(`--${option}`);
    },
  );

  it("explains a group of commands", async () => {
    const { exitCode, stdout } = await runZs(["audit", "--help"]);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("audit verify") as string,
    });
  });
});

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
