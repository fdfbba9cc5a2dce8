import type { Scene } from "../scene.ts";
import { showAudit } from "../show.ts";
import { fileChange, stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS, type World } from "../world.ts";

const READ_LATENCY_MS = 400;

export const killedHost: Scene = {
  id: "killed-host",
  title: "8. The app is killed at the worst moment",
  intro:
    "Hugo is to be Global Administrator for an hour. The directory has just granted it; its answer is lost on the way; and before the app can look, its process is killed (SIGKILL). The role is held, and nobody wrote that down.",
  async play(world, story) {
    const number = await fileChange(world, {
      assignee: "hugo.brandt",
      role: "globalAdministrator",
      duration: "PT1H",
      summary: "Turn on the new sign-in method",
    });
    story.step(`Change ${number} asks for it; Hugo steps up.`);
    await stepUp(world, story, "hugo.brandt");
    const { id } = await world.activation("hugo.brandt", number);
    const assignments = "/roleAssignmentSchedule";
    await world.stack.call("graph", "faults", {
      method: "POST",
      path: `${assignments}Requests`,
      body: "adminAssign",
      fault: { kind: "lostReply" },
    });
    // A slow directory makes the moment between grant and read-back long enough to hit it every time.
    const slow = { kind: "latency", ms: READ_LATENCY_MS };
    await world.stack.call("graph", "faults", { method: "GET", path: assignments, times: 1_000, fault: slow });

    story.step("Cora approves. The directory grants, its answer is lost, the app is killed.");
    const { url } = await world.newestLink("cora.lindt");
    const deciding = world
      .visitor("cora.lindt")
      .decide(url, "approve")
      .catch(() => undefined);
    const granted = await world.waitFor(
      "the grant",
      async () => (await world.grants("hugo.brandt", "globalAdministrator"))[0],
    );
    await world.stack.kill("host");
    await deciding; // the page may have died with the app
    await world.stack.call("graph", "clearFaults");
    const known = await statusWithoutApp(world, id);
    story.show("Directory", `Global Administrator from ${time(granted.startsAt)} to ${time(granted.endsAt ?? "")}`);
    story.show("Record", `${known} – the app does not know yet`);

    story.step("The app is started again.");
    await world.stack.start("host");
    await world.stack.settle();
    await world.advance(2 * MINUTE_MS);
    const active = await world.activation("hugo.brandt", number);
    const requests = (await world.roleRequests("hugo.brandt")).filter(
      ({ body }) => body.action === "adminAssign" && JSON.stringify(body).includes(number),
    );
    story.promise(
      "found",
      "It looks before it asks again: it finds its own grant, and asks the directory no second time.",
      known === "Granting" &&
        active.status === "Active" &&
        active.held?.endsAt === granted.endsAt &&
        requests.length === 1,
      { before: known, after: active, requests: requests.length },
    );
    await world.advance(HOUR_MS);
    story.step("An hour later.");
    const ended = await world.activation("hugo.brandt", number);
    const grants = await world.grants("hugo.brandt", "globalAdministrator");
    const [row] = grants;
    story.promise(
      "on-time",
      "The access ended on time, as if nothing had happened.",
      ended.status === "Ended" && grants.length === 1 && row?.ended != null && row.endedAt === granted.endsAt,
      { status: ended.status, grants },
    );
    const audit = await world.auditOf(ended.id);
    showAudit(story, audit);
    const types = audit.map(({ type }) => type);
    story.promise(
      "recorded",
      "The record is complete: the intent from before the crash, one grant, one end.",
      types.indexOf("GrantIntended") < types.indexOf("RoleGranted") &&
        ["GrantIntended", "RoleGranted", "RoleEnded"].every((type) => types.filter((one) => one === type).length === 1),
      types,
    );
  },
};

/** What the app's own table says while the app is not there to be asked. */
async function statusWithoutApp(world: World, id: string): Promise<string> {
  const { status } = await world.table("activations").getEntity<{ readonly status?: string }>(id, "state");
  return status ?? "nothing";
}

const time = (instant: string): string => instant.slice(11, 19);
