import { CookieJar } from "./cookie-jar.ts";
import { alertCodeIn, formsIn, type Form } from "./html-forms.ts";

/** What the person at the keyboard does. */
interface SignInChoice {
  readonly userName: string;
  /** What is pressed when the phone asks; approved unless said otherwise. */
  readonly mfa?: "approve" | "deny";
}

/** Where a sign-in ended. `problem` is the code a page complained with (`AADSTS50057`); it was then cancelled. */
export type SignInOutcome = { readonly problem?: string } & (
  | { readonly kind: "formPost"; readonly action: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: "redirect"; readonly url: string }
  | { readonly kind: "page"; readonly status: number; readonly text: string }
);

const MAX_STEPS = 20;

/**
 * A person with a browser in front of the local identity provider, without the browser: keeps cookies, so that a
 * second sign-in of the same object meets the session of the first.
 */
export class BrowserlessSignIn {
  readonly #cookies = new CookieJar();

  /** Follows pages and redirects from an authorize URL to what the application gets. Nothing is sent to the application. */
  signIn(authorizeUrl: string, choice: SignInChoice): Promise<SignInOutcome> {
    return this.#walk(authorizeUrl, choice, {});
  }

  /** Enters a device code and signs in; ends on the page that says so. */
  approveDevice(verificationUri: string, userCode: string, choice: SignInChoice): Promise<SignInOutcome> {
    return this.#walk(verificationUri, choice, { user_code: userCode });
  }

  async #walk(start: string, choice: SignInChoice, typed: Readonly<Record<string, string>>): Promise<SignInOutcome> {
    const { origin } = new URL(start);
    let problem: string | undefined;
    let url = start;
    let response = await this.#request(url);
    for (let step = 0; step < MAX_STEPS; step++) {
      const seen = problem === undefined ? {} : { problem };
      const location = response.headers.get("location");
      if (location !== null) {
        url = new URL(location, url).href;
        if (new URL(url).origin !== origin) return { ...seen, kind: "redirect", url };
        response = await this.#request(url);
        continue;
      }
      const text = await response.text();
      problem ??= alertCodeIn(text);
      const forms = formsIn(text, url);
      const foreign = forms.find((form) => new URL(form.action).origin !== origin);
      if (foreign) return { ...seen, kind: "formPost", action: foreign.action, fields: foreign.fields };
      const form = chosenForm(forms, problem);
      if (!form) return { ...(problem === undefined ? {} : { problem }), kind: "page", status: response.status, text };
      url = form.action;
      response = await this.#request(url, { ...form.fields, ...answersTo(form, choice, typed) });
    }
    throw new Error(`the sign-in did not end after ${MAX_STEPS} steps, the last at ${new URL(url).pathname}`);
  }

  async #request(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { cookie: this.#cookies.headerFor(url), accept: "text/html" };
    const post = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(url, { ...post, headers, redirect: "manual" });
    this.#cookies.take(response.headers.getSetCookie());
    return response;
  }
}

function chosenForm(forms: readonly Form[], problem: string | undefined): Form | undefined {
  if (problem !== undefined) return forms.find(({ step }) => step === "cancel");
  return forms.find(({ step }) => step === "typed-account" || step === "approval") ?? forms[0];
}

function answersTo(form: Form, choice: SignInChoice, typed: Readonly<Record<string, string>>): Record<string, string> {
  if (form.step === "typed-account") return { userName: choice.userName };
  if (form.step === "approval") return { answer: choice.mfa ?? "approve" };
  return "user_code" in form.fields && form.fields["user_code"] === "" ? { ...typed } : {};
}
