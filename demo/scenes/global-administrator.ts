import type { Scene } from "../scene.ts";
import { showAudit, showGraphRequest } from "../show.ts";
import { decide, stepUp } from "../steps.ts";
import { HOUR_MS, MINUTE_MS } from "../world.ts";

const TICKET = "CHG0030192";
const TWO_HOURS_MS = 2 * HOUR_MS;

/** Every record that a whole activation leaves, in order. */
const COMPLETE = [
  "ActivationRequested",
  "StepUpProven",
  "DecisionRecorded",
  "GrantIntended",
  "RoleGranted",
  "RoleEnded",
] as const;

export const globalAdministrator: Scene = {
  id: "global-administrator",
  title: "1. A change opens Global Administrator for two hours",
  intro:
    "Ada Byron has to rotate a signing certificate. Her change CHG0030192 is approved in ServiceNow, and its window is open. She is eligible for Global Administrator, but holds nothing.",
  async play(world, story) {
    story.step("Dev edits the change. ServiceNow tells Zero Standing with a signed webhook.");
    await world.stack.call("servicenow", "updateTicket", {
      number: TICKET,
      fields: { short_description: "Rotate the federation signing certificate before Friday" },
      by: "dev.patel",
    });
    await world.stack.settle();

    story.step(
      "Somebody who knows Ada's password opens the link in her mail first. Her phone asks, and she presses No.",
    );
    const thief = world.visitor("ada.byron", "admin", "deny");
    const link = await thief.open((await world.newestLink("ada.byron")).url);
    const stopped = await thief.choose(link, "confirm");
    await world.stack.settle();
    const untouched = await world.activation("ada.byron", TICKET);
    story.promise(
      "no-mfa",
      "Without the second factor nothing goes on.",
      stopped.status === 400 && untouched.status === "AwaitingStepUp",
      { page: stopped.status, status: untouched.status },
    );

    story.step(
      "Ada opens it herself, says “I asked for this” and signs in with her admin account and her phone (MFA).",
    );
    await stepUp(world, story, "ada.byron");
    const early = await world.roleRequests("ada.byron");
    const waiting = await world.activation("ada.byron", TICKET);
    const signIns = (await world.stack.call("login", "signIns")) as readonly SignIn[];
    const strong = signIns.filter(({ userName }) => userName.startsWith("adm-ada.byron")).at(-1);
    story.promise(
      "mfa",
      "The person proves the request with a fresh sign-in under the authentication context “c1” (MFA).",
      waiting.status === "AwaitingApproval" && strong?.outcome === "signedIn" && strong.contexts.includes("c1"),
      { status: waiting.status, strong },
    );
    story.promise(
      "two-persons",
      "MFA alone opens nothing: without a second person no request goes to the directory.",
      early.length === 0,
      early,
    );

    story.step(
      "Cora Lindt, Security, gets a signed link, reads who asks for what and why, and approves with a sign-in.",
    );
    await decide(world, story, "cora.lindt", "approve");
    const active = await world.activation("ada.byron", TICKET);
    const requests = await world.roleRequests("ada.byron");
    const [request] = requests;
    if (request) showGraphRequest(story, request);
    const expiration = request?.body.scheduleInfo?.expiration;
    const [held] = await world.grants("ada.byron", "globalAdministrator");
    story.promise(
      "own-end",
      "One grant, and it carries its own end in the directory: two hours, even if everything of ours were deleted now.",
      requests.length === 1 &&
        expiration?.type === "afterDuration" &&
        expiration.duration === "PT2H" &&
        held?.endsAt != null &&
        Date.parse(held.endsAt) - Date.parse(held.startsAt) === TWO_HOURS_MS,
      { requests: requests.length, expiration, held },
    );
    story.promise(
      "read-back",
      "“Active” is said only after the assignment was read back, and says the directory's own times.",
      active.status === "Active" && active.held?.startsAt === held?.startsAt && active.held?.endsAt === held?.endsAt,
      { active, held },
    );

    await world.advance(TWO_HOURS_MS + MINUTE_MS);
    story.step("Two hours and a minute later. Nobody did anything.");
    const ended = await world.activation("ada.byron", TICKET);
    const [row] = await world.grants("ada.byron", "globalAdministrator");
    const lastedMs = row?.endedAt == null ? Infinity : Date.parse(row.endedAt) - Date.parse(row.startsAt);
    story.promise(
      "ends-by-itself",
      "The access has ended by itself, on time, and the record says so because its absence was read back.",
      ended.status === "Ended" && row?.ended === "expired" && lastedMs <= TWO_HOURS_MS,
      { status: ended.status, row },
    );
    const notes = await world.ticketNotes(TICKET);
    story.show("Ticket", ...notes.map((note) => note.replace(/ \(http.*/, "")));
    story.promise(
      "ticket-told",
      "The ticket tells the story too: requested, approved by, active from and to, ended.",
      [/requested/i, /approved by Cora Lindt/i, /active from .* to /i, /ended/i].every((words) =>
        notes.some((note) => words.test(note)),
      ),
      notes,
    );
    const audit = await world.auditOf(ended.id);
    showAudit(story, audit);
    const types = audit.map(({ type }) => type);
    story.promise(
      "recorded",
      "Every step has its audit record, and the intent was written before the grant.",
      isInOrder(COMPLETE, types),
      types,
    );
  },
};

interface SignIn {
  readonly userName: string;
  readonly outcome: string;
  readonly contexts: readonly string[];
}

const isInOrder = (wanted: readonly string[], seen: readonly string[]): boolean => {
  const places = wanted.map((type) => seen.indexOf(type));
  return places.every((place, index) => place >= 0 && (index === 0 || place > (places[index - 1] ?? -1)));
};
