import type { Context } from "hono";
import type { HttpBindings } from "@hono/node-server";
import type { InteractionResults, Provider } from "oidc-provider";
import { TENANT_ID } from "../seed.ts";
import type { LocalApp } from "../http/server.ts";
import { applicationName } from "./applications.ts";
import { contextsOf, demandedContexts } from "./authentication-context.ts";
import { errorPage, type Html, type Problem } from "./pages.ts";
import type { People, Person } from "./people.ts";
import { accountPage, approvalPage, type SignInPage } from "./sign-in-pages.ts";
import { epochSeconds } from "./tokens.ts";

type Outcome = "signedIn" | "unknownAccount" | "disabled" | "mfaNotRegistered" | "mfaDenied" | "cancelled";

/** One line of the sign-in log: control operation `signIns`. */
interface SignInRecord {
  readonly at: string;
  readonly clientId: string;
  readonly userName: string;
  readonly outcome: Outcome;
  /** Authentication contexts that the tokens of this sign-in carry. */
  readonly contexts: readonly string[];
}

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;
type LoginContext = Context<{ Bindings: HttpBindings }>;

/** The pages between the authorize endpoint and its answer: account, second factor where one is demanded, cancel. */
export class SignIn {
  readonly log: SignInRecord[] = [];
  /** Who gave a user name and now has to approve on the phone, by interaction. */
  readonly #waiting = new Map<string, Person>();
  readonly #provider: Provider;
  readonly #people: People;

  constructor(provider: Provider, people: People) {
    this.#provider = provider;
    this.#people = people;
  }

  mountOn(app: LocalApp): void {
    const path = `/${TENANT_ID}/login/:uid`;
    app.get(path, (c) => this.#with(c, (interaction) => this.#begin(c, interaction)));
    app.post(`${path}/account`, (c) => this.#with(c, (interaction) => this.#accountGiven(c, interaction)));
    app.post(`${path}/approval`, (c) => this.#with(c, (interaction) => this.#approvalGiven(c, interaction)));
    app.post(`${path}/cancel`, (c) => this.#with(c, (interaction) => this.#cancel(c, interaction)));
  }

  async #with(c: LoginContext, answer: (interaction: Interaction) => Promise<Response>): Promise<Response> {
    let interaction: Interaction;
    try {
      interaction = await this.#provider.interactionDetails(c.env.incoming, c.env.outgoing);
    } catch {
      return c.html(await errorPage("AADSTS90051", "This sign-in has expired or belongs to another browser."), 400);
    }
    return answer(interaction);
  }

  async #begin(c: LoginContext, interaction: Interaction): Promise<Response> {
    if (interaction.prompt.name === "consent") return this.#finish(c, { consent: {} });
    const { reasons } = interaction.prompt;
    const known = this.#people.withSubject(interaction.session?.accountId ?? "");
    const onlySecondFactor = reasons.length === 1 && reasons[0] === "authentication_context";
    if (known && onlySecondFactor) return this.#askForApproval(c, interaction, known);
    return this.#askForAccount(c, interaction);
  }

  async #accountGiven(c: LoginContext, interaction: Interaction): Promise<Response> {
    const userName = await field(c, "userName");
    const person = this.#people.withUserName(userName);
    if (!person) {
      this.#record(interaction, userName, "unknownAccount");
      return this.#askForAccount(c, interaction, problems.unknownAccount);
    }
    if (person.disabled) {
      this.#record(interaction, userName, "disabled");
      return this.#askForAccount(c, interaction, problems.disabled);
    }
    const before = contextsBefore(interaction, person);
    if (demandedBy(interaction).some((context) => !before.includes(context)))
      return this.#askForApproval(c, interaction, person);
    return this.#signedIn(c, interaction, person, before);
  }

  async #approvalGiven(c: LoginContext, interaction: Interaction): Promise<Response> {
    const person = this.#waiting.get(interaction.uid);
    if (!person) return this.#askForAccount(c, interaction);
    const { userName } = person.account;
    if (!person.mfaRegistered) {
      this.#record(interaction, userName, "mfaNotRegistered");
      return this.#askForApproval(c, interaction, person, problems.mfaNotRegistered);
    }
    if (person.refuseMfa || (await field(c, "answer")) !== "approve") {
      this.#record(interaction, userName, "mfaDenied");
      return this.#askForApproval(c, interaction, person, problems.mfaDenied);
    }
    const satisfied = new Set([...contextsBefore(interaction, person), ...demandedBy(interaction)]);
    const contexts = person.withoutAcrs ? [] : [...satisfied];
    return this.#signedIn(c, interaction, person, contexts);
  }

  async #cancel(c: LoginContext, interaction: Interaction): Promise<Response> {
    this.#record(interaction, this.#waiting.get(interaction.uid)?.account.userName ?? "", "cancelled");
    this.#waiting.delete(interaction.uid);
    return this.#finish(c, {
      error: "access_denied",
      error_description: "AADSTS50199: the person cancelled the sign-in",
    });
  }

  async #signedIn(
    c: LoginContext,
    interaction: Interaction,
    person: Person,
    contexts: readonly string[],
  ): Promise<Response> {
    this.#waiting.delete(interaction.uid);
    this.#record(interaction, person.account.userName, "signedIn", contexts);
    const ts = epochSeconds() - person.staleAuthTimeSeconds;
    const acr = contexts.length > 0 ? { acr: contexts.join(" ") } : {};
    return this.#finish(c, { login: { accountId: person.subject, ts, ...acr }, select_account: {} });
  }

  async #finish(c: LoginContext, result: InteractionResults): Promise<Response> {
    const mergeWithLastSubmission = result.login === undefined;
    const { incoming, outgoing } = c.env;
    return c.redirect(
      await this.#provider.interactionResult(incoming, outgoing, result, { mergeWithLastSubmission }),
      303,
    );
  }

  #askForAccount(c: LoginContext, interaction: Interaction, problem?: Problem): Promise<Response> {
    const hint = interaction.params["login_hint"];
    const content = accountPage(viewOf(interaction, problem), this.#people.all, typeof hint === "string" ? hint : "");
    return show(c, content, problem);
  }

  #askForApproval(c: LoginContext, interaction: Interaction, person: Person, problem?: Problem): Promise<Response> {
    this.#waiting.set(interaction.uid, person);
    return show(c, approvalPage(viewOf(interaction, problem), person, demandedBy(interaction)), problem);
  }

  #record(interaction: Interaction, userName: string, outcome: Outcome, contexts: readonly string[] = []): void {
    const clientId = clientOf(interaction);
    this.log.push({ at: new Date().toISOString(), clientId, userName, outcome, contexts });
  }
}

const problems = {
  unknownAccount: { code: "AADSTS50034", message: "This user name does not exist in the directory." },
  disabled: { code: "AADSTS50057", message: "Your account has been disabled." },
  mfaNotRegistered: { code: "AADSTS50079", message: "No second factor is registered for this account." },
  mfaDenied: { code: "AADSTS500121", message: "The request on your phone was denied." },
} satisfies Record<string, Problem>;

const viewOf = (interaction: Interaction, problem?: Problem): SignInPage => ({
  action: `/${TENANT_ID}/login/${interaction.uid}`,
  application: applicationName(clientOf(interaction)),
  problem,
});

const clientOf = (interaction: Interaction): string => String(interaction.params["client_id"]);

const demandedBy = (interaction: Interaction): readonly string[] => demandedContexts(interaction.params["claims"]);

/** What the same person's session has satisfied already; nothing where the credentials were to be given afresh. */
function contextsBefore({ session, params }: Interaction, person: Person): readonly string[] {
  const isFresh = typeof params["prompt"] === "string" && params["prompt"].split(" ").includes("login");
  return session?.accountId === person.subject && !isFresh ? contextsOf(session.acr) : [];
}

async function field(c: LoginContext, name: string): Promise<string> {
  const value = (await c.req.parseBody())[name];
  return typeof value === "string" ? value : "";
}

const show = async (c: LoginContext, content: Html, problem: Problem | undefined): Promise<Response> =>
  c.html(await content, problem ? 400 : 200);
