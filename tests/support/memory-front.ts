import { randomUUID } from "node:crypto";
import { HttpRequest, InvocationContext, type HttpResponseInit } from "@azure/functions";
import type { ActivationId, PrincipalId } from "../../shared/domain/ids.ts";
import type { VerifiedSignIn } from "../../shared/ports/sign-in.ts";
import type { Front } from "../../functions/front/front.ts";
import type { Handler } from "../../functions/http/handler.ts";
import { createNoise } from "../../functions/http/noise.ts";
import { createLinkWriter } from "../../functions/links.ts";
import { completeSignIn } from "../../functions/triggers/complete-sign-in.http.ts";
import { openLink } from "../../functions/triggers/open-link.http.ts";
import { resumeGrants } from "../../functions/triggers/resume-grants.http.ts";
import { showChangePage } from "../../functions/triggers/show-change.http.ts";
import { showEligibility } from "../../functions/triggers/show-eligibility.http.ts";
import { showFreeze } from "../../functions/triggers/show-freeze.http.ts";
import { showPage } from "../../functions/triggers/show-page.http.ts";
import type { MemoryWorld } from "./memory-world.ts";

export const PUBLIC_URL = "https://app.example";
export const LOGIN_URL = "https://login.example";
export const LINK_KEYS = { keys: [{ id: 3, secret: Buffer.alloc(32, 9) }] };

/** The pages over a world in memory, with a login that believes everybody. */
export class MemoryFront {
  readonly front: Front;
  readonly rung: ActivationId[] = [];
  readonly logged: string[] = [];
  readonly redeemed: string[] = [];
  bellFails = false;
  readonly #codes = new Map<string, string>();

  constructor(world: MemoryWorld) {
    const { clock, policies, store, audit, controls, directory, deliveries } = world.worker;
    const log: Front["log"] = (level, message, fields) =>
      void this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    this.front = {
      clock,
      policies,
      store,
      audit,
      checkpoints: world.tables.checkpoints,
      signer: undefined,
      controls,
      directory,
      changes: world.tables.changes,
      findings: world.tables.findings,
      accepted: world.tables.accepted,
      posture: world.directory,
      workerPermissions: async () => ({ kind: "notKnown" }),
      holders: world.tables.holders,
      deliveries,
      kept: undefined,
      noise: createNoise({ audit, clock, deliveries, log }),
      callers: { verify: async () => ({ problem: "no API here" }) },
      links: createLinkWriter({ publicUrl: PUBLIC_URL, keys: LINK_KEYS }),
      log,
      gatewayOf: () => ({
        start: async () => undefined,
        ring: async (id) => {
          if (this.bellFails) throw new Error("nobody home");
          this.rung.push(id);
        },
        resumeGrants: async (id) => void this.rung.push(id),
        change: async (id) => void this.rung.push(id),
        handleTicketEvent: async () => undefined,
      }),
      signIn: {
        authorizeUrl: async ({ state, nonce, authenticationContext }) =>
          `${LOGIN_URL}/authorize?${new URLSearchParams({ state, nonce, context: authenticationContext ?? "" }).toString()}`,
        redeem: async (code) => {
          this.redeemed.push(code);
          return this.#codes.get(code);
        },
      },
      idTokens: world.worker.idTokens,
      proofs: { seal: async (proof) => JSON.stringify(proof) },
      linkKeys: LINK_KEYS,
      publicUrl: PUBLIC_URL,
      loginUrl: LOGIN_URL,
    };
  }

  /** What the login posts back when somebody signs in at the authorize URL; `changes` spoil it. */
  login(
    authorizeUrl: string,
    account: PrincipalId,
    changes: Partial<VerifiedSignIn> = {},
  ): Readonly<Record<string, string>> {
    const { searchParams } = new URL(authorizeUrl);
    const context = searchParams.get("context") ?? "";
    const signIn: VerifiedSignIn = {
      account,
      nonce: searchParams.get("nonce") ?? "",
      authenticatedAt: this.front.clock.now(),
      authenticationContexts: context === "" ? [] : [context],
      ...changes,
    };
    const code = randomUUID();
    this.#codes.set(code, JSON.stringify(signIn));
    return { code, state: searchParams.get("state") ?? "" };
  }
}

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  /** What a person reads. */
  readonly text: string;
}

/** One browser: keeps cookies, fills in forms, follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #memory: MemoryFront;

  constructor(memory: MemoryFront) {
    this.#memory = memory;
  }

  get(url: string, method: "GET" | "HEAD" = "GET"): Promise<Page> {
    return this.#send(method, url, undefined, {});
  }

  /** Presses a button of a page; `fields` are what the person typed. */
  press(
    page: Page,
    choice: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = { origin: "null", "sec-fetch-site": "same-origin" },
  ): Promise<Page> {
    const form = page.html
      .split("<form")
      .find((part) => part.includes(`name="choice"value="${choice}"`) || part.includes(`value="${choice}"`));
    if (!form) throw new Error(`no button ${choice} on: ${page.text}`);
    const action = /action="([^"]*)"/.exec(form)?.[1] ?? "";
    const token = /name="form" value="([^"]*)"/.exec(form)?.[1] ?? "";
    return this.post(`${PUBLIC_URL}${action}`, { form: token, choice, ...fields }, headers);
  }

  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    return this.#send("POST", url, new URLSearchParams(fields).toString(), headers);
  }

  /** Goes through the login that a page redirected to, and back to us. */
  async signIn(redirect: Page, account: PrincipalId, changes: Partial<VerifiedSignIn> = {}): Promise<Page> {
    const location = redirect.headers["location"] ?? "";
    if (!location.startsWith(LOGIN_URL)) throw new Error(`not sent to the login but to ${location}: ${redirect.text}`);
    return this.callback(this.#memory.login(location, account, changes));
  }

  callback(fields: Readonly<Record<string, string>>): Promise<Page> {
    return this.post(`${PUBLIC_URL}/api/sign-in/callback`, fields, {
      origin: LOGIN_URL,
      "sec-fetch-site": "cross-site",
    });
  }

  async #send(
    method: "GET" | "HEAD" | "POST",
    url: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Page> {
    const [, , kind = "", last = ""] = new URL(url).pathname.split("/");
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const request = new HttpRequest({
      method,
      url,
      headers: {
        ...(cookie === "" ? {} : { cookie }),
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        ...headers,
      },
      params: { token: last, id: last },
      ...(body === undefined ? {} : { body: { string: body } }),
    });
    const { front } = this.#memory;
    const freeze = last === "resume" ? resumeGrants(front) : showFreeze(front);
    const pages = {
      l: openLink(front),
      a: showPage(front),
      c: showChangePage(front),
      e: showEligibility(front),
      freeze,
    };
    const handlers: Readonly<Partial<Record<string, Handler>>> = pages;
    const handler = handlers[kind] ?? completeSignIn(front);
    return this.#keep(await handler(request, new InvocationContext()));
  }

  #keep(answer: HttpResponseInit): Page {
    for (const { name, value, maxAge } of answer.cookies ?? []) {
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const html = typeof answer.body === "string" ? answer.body : "";
    const text = html
      .replace(/<style[\s\S]*<\/style>/, "")
      .replaceAll(/<[^>]*>/g, " ")
      .replaceAll(/\s+/g, " ");
    return { status: answer.status ?? 200, headers: answer.headers as Record<string, string>, html, text };
  }
}
