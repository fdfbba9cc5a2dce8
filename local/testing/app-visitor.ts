import { BrowserlessSignIn } from "./browserless-sign-in.ts";
import { CookieJar } from "./cookie-jar.ts";
import { formsIn, type Form } from "./html-forms.ts";

/** A page of the app as a person sees it. */
export interface Page {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly forms: readonly Form[];
}

/** A person with a browser in front of the app's pages, without the browser: follows links, presses buttons, signs in. */
export class AppVisitor {
  readonly #userName: string;
  readonly #mfa: "approve" | "deny";
  readonly #signIn = new BrowserlessSignIn();
  readonly #cookies = new CookieJar();

  constructor(userName: string, mfa: "approve" | "deny" = "approve") {
    this.#userName = userName;
    this.#mfa = mfa;
  }

  async open(url: string): Promise<Page> {
    return this.#page(await this.#request(url), url);
  }

  /** Presses the button of the form with this choice, filling in fields, and signs in if that is asked. */
  async choose(page: Page, choice: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = page.forms.find((one) => one.fields["choice"] === choice);
    if (!form) throw new Error(`the page offers no "${choice}": ${plainText(page.text).slice(0, 300)}`);
    return this.#follow(await this.#request(form.action, { ...form.fields, ...fields }), form.action);
  }

  /** Opens a decision link, signs in to see it, and decides. */
  async decide(link: string, choice: "approve" | "deny", fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const first = await this.open(link);
    const seen = first.forms.some((form) => form.fields["choice"] === "signIn")
      ? await this.choose(first, "signIn")
      : first;
    return this.choose(seen, choice, fields);
  }

  async #follow(response: Response, base: string): Promise<Page> {
    const location = response.headers.get("location");
    if (location === null) return this.#page(response, base);
    const url = new URL(location, base).href;
    if (new URL(url).origin === new URL(base).origin) return this.#follow(await this.#request(url), url);
    const outcome = await this.#signIn.signIn(url, { userName: this.#userName, mfa: this.#mfa });
    if (outcome.kind !== "formPost") throw new Error(`the sign-in ended elsewhere: ${outcome.kind}`);
    return this.#follow(await this.#request(outcome.action, outcome.fields), outcome.action);
  }

  async #request(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { cookie: this.#cookies.headerFor(url), accept: "text/html" };
    const post = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
    const response = await fetch(url, { ...post, headers, redirect: "manual" });
    this.#cookies.take(response.headers.getSetCookie());
    return response;
  }

  async #page(response: Response, url: string): Promise<Page> {
    const text = await response.text();
    return { status: response.status, url, text, forms: formsIn(text, url) };
  }
}

/** The words of a page, for messages and comparisons. */
export const plainText = (html: string): string =>
  html
    .replaceAll(/<(style|head)\b.*?<\/\1>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
