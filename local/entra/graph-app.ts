import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { GraphError, pimError } from "./errors.ts";
import type { Pages } from "./list-pages.ts";
import type { DirectoryState } from "./state.ts";
import type { Caller } from "./tokens.ts";

export interface GraphEnv {
  Bindings: HttpBindings;
  Variables: { caller: Caller; requestId: string; clientRequestId: string };
}
export type GraphApp = Hono<GraphEnv>;
export type GraphContext = Context<GraphEnv>;

/** One mail as it left `sendMail`. */
interface SentMail {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Address of the mailbox it was sent from. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly contentType: "text" | "html";
  readonly content: string;
}

/** What the operations work on. */
export interface Directory {
  readonly state: DirectoryState;
  readonly pages: Pages;
  /** `<graph>/v1.0` */
  readonly baseUrl: string;
  /** The first characters of the sign-in's client secret: Graph shows them of every secret. */
  readonly secretHint: string;
  /** Where the app takes answers to sign-ins. */
  readonly redirectUri: string;
  readonly deliver: (mail: SentMail) => void;
}

export const permissionsOf = ({ userObjectId, scopes, permissions }: Caller): readonly string[] =>
  userObjectId === undefined ? permissions : (scopes ?? []);

/** Lets a caller pass that holds one of the permissions; the first named is the least. */
export const needs =
  (...anyOf: readonly string[]): MiddlewareHandler<GraphEnv> =>
  async (c, next) => {
    if (!permissionsOf(c.get("caller")).some((held) => anyOf.includes(held))) throw denied(c.req.path);
    await next();
  };

/** PIM words a missing permission in its own way. */
export const denied = (path: string): GraphError =>
  /\/role(Assignment|Eligibility)Schedule/.test(path)
    ? pimError("PermissionScopeNotGranted", undefined, 403)
    : new GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
