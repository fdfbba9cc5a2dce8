import type { Cookie, HttpResponseInit } from "@azure/functions";
import { DependencyError } from "../../shared/ports/dependency-error.ts";
import type { Handler } from "../http/handler.ts";
import { pageAnswer } from "../http/page-answer.ts";
import type { NoticeView, View } from "../pages/views.ts";
import type { Front } from "./front.ts";

/** A page as an answer of the front. */
export const show = (
  front: Pick<Front, "loginUrl">,
  status: number,
  view: View,
  cookies: readonly Cookie[] = [],
): Promise<HttpResponseInit> => pageAnswer(status, view, { loginOrigin: new URL(front.loginUrl).origin, cookies });

/** Nobody sees a fault from inside: passing ones say so with 503, the rest is a 500 with a page of its own. */
export const guarded =
  (front: Pick<Front, "loginUrl" | "log">, handler: Handler): Handler =>
  async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      const passing = error instanceof DependencyError && ["Throttled", "Unavailable"].includes(error.code);
      const message = error instanceof Error ? error.message : "unknown";
      front.log("error", "page failed", { message, invocation: context.invocationId });
      return passing ? show(front, 503, UNAVAILABLE) : show(front, 500, FAILED);
    }
  };

const notice = (title: string, text: string): NoticeView => ({ kind: "notice", title, text, tone: "bad" });

const UNAVAILABLE = notice(
  "This does not work right now",
  "A system that is needed for this does not answer. Nothing was decided or changed; try again in a minute.",
);
const FAILED = notice(
  "Something went wrong",
  "An unexpected fault stopped this page. It was recorded; try again later.",
);
