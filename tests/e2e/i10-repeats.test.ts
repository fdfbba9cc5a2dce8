import { describe, expect, it } from "vitest";
import { BrowserlessSignIn } from "../../local/testing/browserless-sign-in.ts";
import { CookieJar } from "../../local/testing/cookie-jar.ts";
import { formsIn } from "../../local/testing/html-forms.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HOUR_MS, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { storedRows } from "../support/stored-rows.ts";

describe("I10: any message, any number of times", () => {
  const stack = useStack();
  const app = (): RunningApp => new RunningApp(stack());
  const postedGrants = async (id: string): Promise<number> =>
    (await app().exchanges()).filter(
      ({ requestBody }) => requestBody.includes("adminAssign") && requestBody.includes(id),
    ).length;

  it("a storm of 200 equal webhooks at once gives one instance, one intent and one grant", async () => {
    const ticket = await app().openChange(HUGO_EXCHANGE);
    const statuses = (await stack().call("servicenow", "redeliver", {
      index: -1,
      times: 200,
      verbatim: true,
    })) as readonly unknown[];
    expect(statuses).toHaveLength(200);
    expect(new Set(statuses)).toEqual(new Set([202]));
    await stack().settle();
    await app().confirm(HUGO_EXCHANGE, ticket);
    await stack().settle();
    await app().decide("dev.patel", ticket);
    await stack().settle();

    const { id } = await app().activation(ticket);
    expect((await instances("activation-")).filter((name) => name.endsWith(id))).toHaveLength(1);
    const intents = (await storedRows(stack(), "activations", id)).filter(({ rowKey }) =>
      rowKey?.startsWith("intent-"),
    );
    expect(intents).toHaveLength(1);
    expect(await postedGrants(id)).toBe(1);
    expect(await app().grants(ticket)).toHaveLength(1);
    expect(await app().activations()).toHaveLength(1);
  });

  it("the storm again while the role is held, and after it, changes nothing", async () => {
    const before = await app().audit();
    await stack().call("servicenow", "redeliver", { index: "all", times: 20 });
    await stack().settle();
    expect(await app().audit()).toEqual(before);
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect((await app().activations()).map(({ state }) => state.status)).toEqual(["Ended"]);
    await stack().call("servicenow", "redeliver", { index: "all", times: 20 });
    await stack().settle();
    expect(await app().activations()).toHaveLength(1);
    expect(await app().grants()).toHaveLength(1);
  });

  it("an answer of the sign-in counts once, in the browser that asked for it", async () => {
    const ticket = await app().openChange(ADA_GLOBAL);
    await stack().settle();
    const link = await app().linkTo("ada.byron", ticket);
    const jar = new CookieJar();
    const page = await send(jar, link);
    const confirm = formsIn(await page.text(), link).find(({ fields }) => fields["choice"] === "confirm");
    if (!confirm) throw new Error("the page has no form");
    const toLogin = (await send(jar, confirm.action, confirm.fields)).headers.get("location") ?? "";
    const outcome = await new BrowserlessSignIn().signIn(toLogin, { userName: "adm-ada.byron@contoso.example" });
    if (outcome.kind !== "formPost") throw new Error("the sign-in ended elsewhere");

    const stranger = await send(new CookieJar(), outcome.action, outcome.fields);
    expect(stranger.status).toBe(400);
    const cookies = jar.headerFor(outcome.action);
    const replays = await Promise.all(
      Array.from({ length: 5 }, () =>
        fetch(outcome.action, {
          method: "POST",
          body: new URLSearchParams(outcome.fields),
          headers: { cookie: cookies },
          redirect: "manual",
        }),
      ),
    );
    expect(replays.map(({ status }) => status).toSorted()).toEqual([303, 400, 400, 400, 400]);
    await stack().settle();
    const { id } = await app().activation(ticket);
    expect((await app().auditTypes(id)).filter((type) => type === "StepUpProven")).toHaveLength(1);
    expect(await app().status(ticket)).toBe("AwaitingApproval");
  });

  it("every activity of the main flow done twice, and every bell rung thrice, gives one of everything", async () => {
    await stack().clock.advance(MINUTE_MS);
    const ticket = await app().openChange(HUGO_EXCHANGE);
    const shake = async (): Promise<void> => {
      await stack().settle();
      for (const { id } of await app().activations(ticket)) for (let ring = 0; ring < 3; ring++) await app().ring(id);
      await stack().clock.advance(61_000);
    };
    for (const name of await activities()) await stack().call("host", "runActivityTwice", { name, times: 20 });
    await shake();
    await app().confirm(HUGO_EXCHANGE, ticket);
    await shake();
    await app().decide("dev.patel", ticket);
    await shake();
    await stack().clock.advance(HOUR_MS + 2 * MINUTE_MS);
    await stack().call("host", "clearFaults");
    const { id, state } = await app().activation(ticket);
    expect(state.status).toBe("Ended");
    expect((await app().auditTypes(id)).toSorted()).toEqual(
      [
        "ActivationRequested",
        "DecisionRecorded",
        "GrantIntended",
        "RoleEnded",
        "RoleGranted",
        "StepUpProven",
      ].toSorted(),
    );
    expect(await postedGrants(id)).toBe(1);
    const notes = await app().notes(ticket);
    expect(new Set(notes).size).toBe(notes.length);
  });

  async function activities(): Promise<readonly string[]> {
    const all = (await stack().call("host", "functions")) as readonly {
      readonly name: string;
      readonly trigger: string;
    }[];
    return all.filter(({ trigger }) => trigger === "activityTrigger").map(({ name }) => name);
  }

  async function instances(prefix: string): Promise<readonly string[]> {
    const url = `${stack().taskHubAddress}/runtime/webhooks/durabletask/instances?instanceIdPrefix=${prefix}`;
    const response = await fetch(`${url}&code=${encodeURIComponent(stack().taskHubKey)}`);
    return ((await response.json()) as readonly { readonly instanceId: string }[]).map(({ instanceId }) => instanceId);
  }

  async function send(jar: CookieJar, url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(url, {
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
      headers: { cookie: jar.headerFor(url) },
      redirect: "manual",
    });
    jar.take(response.headers.getSetCookie());
    return response;
  }

  itKeptItsPromises(app);
});
