import { adminId, dailyId, ROLES } from "../../local/seed.ts";
import type { Scene } from "../scene.ts";
import type { Story } from "../story.ts";
import { HOUR_MS, numberOf, type World } from "../world.ts";
import { zs } from "../zs.ts";

const PLAN = "plan.yaml";
const LIAM = "liam.dorsey";

export const standingAccess: Scene = {
  id: "standing-access",
  title: "13. Permanent roles become eligible ones, Global Administrator first",
  intro:
    "Just-in-time access is worth nothing while permanent assignments stand beside it. Liam Dorsey has been Global Administrator for years. Dev makes a plan of everything that stands, and has the first wave converted.",
  async play(world, story) {
    const before = await dev(world, "standing", "report");
    story.step("Dev counts how roles are held (zs standing report), and makes a plan (zs standing plan).");
    story.show("zs", ...before.lines.slice(0, 4));
    const plan = await dev(world, "standing", "plan", "--out", PLAN);
    story.show("zs", ...plan.lines);
    story.promise(
      "explained",
      "Every standing assignment is named with what becomes of it and why; break-glass accounts are left alone.",
      plan.exitCode === 0 &&
        plan.lines.filter((line) => line.startsWith("left") && line.includes("Break")).length === 2,
      plan,
    );
    await convert(world, story);
    await drift(world, story);
  },
};

async function convert(world: World, story: Story): Promise<void> {
  story.step("The first wave is asked for. Dev confirms it with a fresh sign-in, Cora agrees with one of hers.");
  const words = ["--wave", "1", "--execute", "--because", "CHG0031007: no standing Global Administrators", "--no-wait"];
  await dev(world, "standing", "apply", PLAN, ...words);
  await world.stack.settle();
  const asked = await rows(world);
  await answer(world, "dev.patel", "confirm");
  const confirmed = await rows(world);
  await answer(world, "cora.lindt", "approve");
  const after = await rows(world);
  story.show("Directory", `Liam before: ${asked.join(", ")}`, `Liam after:  ${after.join(", ")}`);
  story.promise(
    "two-persons",
    "Nothing happens before both have signed in for exactly this wave.",
    asked.join() === "standing" && confirmed.join() === "standing",
    { asked, confirmed },
  );
  story.promise(
    "converted",
    "Liam is eligible, and holds nothing: he became eligible first, and only then the standing access went.",
    after.join() === "eligible" && (await wroteInOrder(world)),
    { after },
  );
}

async function drift(world: World, story: Story): Promise<void> {
  story.step("In the night somebody gives the role back in the portal. The daily look finds it.");
  const role = ROLES.globalAdministrator[0];
  await world.stack.call("graph", "addAssignment", {
    principalId: adminId(numberOf(LIAM)),
    roleDefinitionId: role,
    how: "admin",
  });
  await world.advance(24 * HOUR_MS);
  const found = await dev(world, "findings", "--json");
  const { findings } = JSON.parse(found.lines.join("\n")) as {
    readonly findings: readonly { readonly text: string }[];
  };
  const about = findings.find(({ text }) => text === "Liam Dorsey holds Global Administrator at / permanently.");
  story.show("Finding", about?.text ?? "nothing");
  const mails = (await world.stack.call("mailbox", "messages", { to: "identity-team@contoso.example" })) as readonly {
    readonly subject: string;
  }[];
  story.promise(
    "drift",
    "What stands again is found within a day, mailed once, and shown until it is gone.",
    about !== undefined && mails.some(({ subject }) => subject.includes("new finding")),
    { findings: findings.length, mails: mails.map(({ subject }) => subject) },
  );
  await world.stack.call("graph", "removeAssignment", { principalId: adminId(numberOf(LIAM)), roleDefinitionId: role });
}

/** `zs` as Dev, who is in the identity team, runs it. */
export async function dev(world: World, ...words: readonly string[]): ReturnType<typeof zs> {
  const token = (await world.stack.call("login", "mint", { oid: dailyId(numberOf("dev.patel")) })) as string;
  return zs(words, { apiUrl: world.stack.addresses.app, token, directory: world.stack.dataDirectory });
}

async function answer(world: World, key: string, choice: "confirm" | "approve"): Promise<void> {
  const { url } = await world.newestLink(key);
  const visitor = world.visitor(key);
  await visitor.choose(await visitor.choose(await visitor.open(url), "signIn"), choice);
  await world.stack.settle();
}

/** How Liam's admin account holds or may hold Global Administrator. */
async function rows(world: World): Promise<readonly string[]> {
  const { rows: all } = (await world.stack.call("graph", "state")) as {
    readonly rows: readonly {
      readonly kind: string;
      readonly principalId: string;
      readonly roleDefinitionId: string;
      readonly removedAt: number | null;
    }[];
  };
  return all
    .filter(
      ({ principalId, roleDefinitionId }) =>
        principalId === adminId(numberOf(LIAM)) && roleDefinitionId === ROLES.globalAdministrator[0],
    )
    .filter(({ removedAt }) => removedAt === null)
    .map(({ kind }) => (kind === "assignment" ? "standing" : "eligible"));
}

/** The directory's own record of the two writes, in the order in which they came. */
async function wroteInOrder(world: World): Promise<boolean> {
  const exchanges = (await world.stack.call("graph", "exchanges")) as readonly {
    readonly method: string;
    readonly path: string;
    readonly requestBody: string;
  }[];
  const writes = exchanges
    .filter(
      ({ method, path, requestBody }) =>
        method === "POST" && !path.endsWith("/$batch") && requestBody.includes(adminId(numberOf(LIAM))),
    )
    .map(({ path }) => (path.includes("Eligibility") ? "eligible" : "remove"));
  return writes.join() === "eligible,remove";
}
